"""The surcharge of a parcel, without AWS."""

from __future__ import annotations

import pytest

from {{ package_name }} import domain


@pytest.mark.parametrize(
    ("declared_grams", "weighed_grams", "cents"),
    [
        (1_000, 900, 0),
        (1_000, 1_000, 0),
        (1_000, 1_100, 0),
        (1_000, 1_101, 150),
        (1_000, 1_500, 150),
        (1_000, 1_501, 300),
        (1, 31_500, 9_450),
    ],
)
def test_each_started_half_kilogram_beyond_the_tolerance_is_charged(
    declared_grams: int,
    weighed_grams: int,
    cents: int,
) -> None:
    assert domain.surcharge_cents(declared_grams, weighed_grams) == cents


def test_a_heavier_parcel_never_costs_less() -> None:
    charged = [domain.surcharge_cents(5_000, weight) for weight in range(1, domain.HEAVIEST_GRAMS + 1, 7)]

    assert charged == sorted(charged)


@pytest.mark.parametrize("weighed_grams", [-1, 0, domain.HEAVIEST_GRAMS + 1, 10**400])
def test_what_no_parcel_weighs_is_not_charged(weighed_grams: int) -> None:
    with pytest.raises(domain.ImplausibleWeightError, match="look at the scale"):
        domain.surcharge_cents(1_000, weighed_grams)
