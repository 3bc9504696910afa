"""What a forecast earns, without AWS."""

from __future__ import annotations

import pytest

from forecast_scale import domain
from forecast_scale.domain import Parcel, Tally, Zone


@pytest.mark.parametrize(
    ("zone", "weight_grams", "cents"),
    [
        (Zone.DOMESTIC, 1, 450),
        (Zone.DOMESTIC, 1_000, 450),
        (Zone.DOMESTIC, 1_001, 510),
        (Zone.CONTINENTAL, 5_000, 1_790),
        (Zone.WORLDWIDE, 20_000, 20_490),
    ],
)
def test_each_started_kilogram_counts_as_a_whole_one(zone: Zone, weight_grams: int, cents: int) -> None:
    assert domain.price_cents(Parcel(zone=zone, weight_grams=weight_grams)) == cents


def test_the_same_number_is_always_the_same_parcel_and_another_seed_another_forecast() -> None:
    first, again, other = ([domain.imagine(seed, number) for number in range(50)] for seed in (7, 7, 8))

    assert first == again
    assert first != other
    assert {parcel.zone for parcel in first} == set(Zone)


@pytest.mark.parametrize("cut", [0, 1, 499, 999, 1_000])
def test_a_forecast_earns_the_same_wherever_it_is_cut(cut: int) -> None:
    whole = domain.tally(7, range(1_000))

    assert domain.tally(7, range(cut)) + domain.tally(7, range(cut, 1_000)) == whole
    assert whole.parcels == 1_000


def test_no_parcels_earn_nothing() -> None:
    assert domain.tally(7, range(0)) == Tally()
