"""The price of a parcel, without AWS."""

from __future__ import annotations

import pytest

from list_desk import domain
from list_desk.domain import Zone


@pytest.mark.parametrize(
    ("zone", "weight_grams", "price_cents"),
    [
        (Zone.DOMESTIC, 1, 450),
        (Zone.DOMESTIC, 1_000, 450),
        (Zone.DOMESTIC, 1_001, 510),
        (Zone.CONTINENTAL, 5_000, 1_790),
        (Zone.WORLDWIDE, 20_000, 20_490),
    ],
)
def test_each_started_kilogram_counts_as_a_whole_one(zone: Zone, weight_grams: int, price_cents: int) -> None:
    assert domain.quote(zone, weight_grams).price_cents == price_cents


@pytest.mark.parametrize("zone", Zone)
def test_a_heavier_parcel_never_costs_less(zone: Zone) -> None:
    prices = [domain.quote(zone, weight).price_cents for weight in range(1, domain.TARIFFS[zone].heaviest_grams + 1, 7)]

    assert prices == sorted(prices)


@pytest.mark.parametrize("weight_grams", [1, 999, 1_000, 1_001, 20_000])
def test_a_farther_zone_never_costs_less(weight_grams: int) -> None:
    zones = (Zone.DOMESTIC, Zone.CONTINENTAL, Zone.WORLDWIDE)

    prices = [domain.quote(zone, weight_grams).price_cents for zone in zones]

    assert prices == sorted(prices)


@pytest.mark.parametrize("zone", Zone)
def test_a_zone_carries_up_to_its_heaviest_and_no_more(zone: Zone) -> None:
    heaviest = domain.TARIFFS[zone].heaviest_grams

    assert domain.quote(zone, heaviest).weight_grams == heaviest
    with pytest.raises(domain.NotCarriedError, match=f"the heaviest is {heaviest} g"):
        domain.quote(zone, heaviest + 1)


@pytest.mark.parametrize("weight_grams", [0, -1])
def test_a_parcel_weighs_something(weight_grams: int) -> None:
    with pytest.raises(ValueError, match="at least 1 g"):
        domain.quote(Zone.DOMESTIC, weight_grams)
