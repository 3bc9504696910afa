"""Which tariff holds when, without AWS and without a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tariff_publisher import domain


@pytest.mark.parametrize("tariff", domain.TARIFFS)
def test_a_tariff_holds_from_its_first_moment(tariff: domain.Tariff) -> None:
    assert domain.in_force(tariff.begins) == tariff


@pytest.mark.parametrize(("before", "tariff"), list(zip(domain.TARIFFS, domain.TARIFFS[1:], strict=False)))
def test_the_one_before_holds_until_then(before: domain.Tariff, tariff: domain.Tariff) -> None:
    assert domain.in_force(tariff.begins - timedelta(microseconds=1)) == before


def test_a_time_is_the_same_in_every_zone() -> None:
    in_tokyo = datetime(2026, 1, 1, 8, 59, 59, tzinfo=timezone(timedelta(hours=9)))

    assert domain.in_force(in_tokyo) == domain.TARIFFS[0]
    assert domain.in_force(in_tokyo + timedelta(seconds=1)) == domain.TARIFFS[1]


def test_before_the_first_tariff_there_is_none() -> None:
    with pytest.raises(domain.NoTariffError, match="the first begins at 2025-01-01"):
        domain.in_force(datetime(2024, 12, 31, tzinfo=UTC))
