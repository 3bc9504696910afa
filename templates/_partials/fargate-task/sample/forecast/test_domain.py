"""What a forecast earns, without AWS."""

from __future__ import annotations

import pytest

from {{ package_name }} import domain
from {{ package_name }}.domain import Parcel, Tally, Zone


{% include "templates/_partials/forecast/test_parcels.py" %}
{% if event_source == "array" %}


@pytest.mark.parametrize("items", [2, 3, 95, 100])
def test_each_parcel_is_one_items_and_the_shares_are_alike(items: int) -> None:
    shares = [domain.share(95, item, items) for item in range(items)]

    assert [number for share in shares for number in share] == list(range(95))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
{% endif %}
