"""What a forecast earns, without AWS."""

from __future__ import annotations

import pytest

from {{ package_name }} import domain
from {{ package_name }}.domain import Parcel, Tally, Zone


{% include "templates/_partials/forecast/test_parcels.py" %}


@pytest.mark.parametrize("parcels", [1, 99, 100, 101, 20_000, 20_001, 10_000_000_000])
def test_the_chunks_are_the_whole_forecast_without_gap_or_overlap(parcels: int) -> None:
    chunks = domain.split(parcels, at_least=100)

    assert len(chunks) <= domain.MAX_CHUNKS
    assert [chunk.start for chunk in chunks] == [0, *(chunk.stop for chunk in chunks[:-1])]
    assert chunks[-1].stop == parcels
    assert all(len(chunk) >= 100 for chunk in chunks[:-1])
    assert all(chunks)
