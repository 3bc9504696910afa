"""What the service knows: what it costs to send a parcel. No AWS, no HTTP, no environment.

Replace it by your own rules. Money is whole cents and weight whole grams, so nothing here rounds by accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TARIFFS", "NotCarriedError", "Quote", "Tariff", "Zone", "quote"]

_GRAMS_PER_KILOGRAM = 1_000


class Zone(StrEnum):
    """Where a parcel goes, seen from the depot."""

    DOMESTIC = "domestic"
    CONTINENTAL = "continental"
    WORLDWIDE = "worldwide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What a zone charges and carries."""

    base_cents: int
    cents_per_started_kilogram: int
    heaviest_grams: int


TARIFFS: Mapping[Zone, Tariff] = {
    Zone.DOMESTIC: Tariff(base_cents=390, cents_per_started_kilogram=60, heaviest_grams=31_500),
    Zone.CONTINENTAL: Tariff(base_cents=890, cents_per_started_kilogram=180, heaviest_grams=31_500),
    Zone.WORLDWIDE: Tariff(base_cents=1490, cents_per_started_kilogram=950, heaviest_grams=20_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The price of one parcel."""

    zone: Zone
    weight_grams: int
    price_cents: int


class NotCarriedError(ValueError):
    """The parcel is heavier than its zone carries."""

    def __init__(self, weight_grams: int, zone: Zone, heaviest_grams: int) -> None:
        super().__init__(
            f"a parcel of {weight_grams} g is not carried to zone {zone}; the heaviest is {heaviest_grams} g",
        )
        self.heaviest_grams = heaviest_grams


def quote(zone: Zone, weight_grams: int) -> Quote:
    """Return what it costs to send a parcel, each started kilogram counted as a whole one.

    Args:
        zone: Where it goes.
        weight_grams: What it weighs, at least 1.

    Raises:
        ValueError: The weight is not positive.
        NotCarriedError: The zone does not carry so heavy a parcel.
    """
    tariff = TARIFFS[zone]
    if weight_grams < 1:
        message = f"a parcel weighs at least 1 g, not {weight_grams} g"
        raise ValueError(message)
    if weight_grams > tariff.heaviest_grams:
        raise NotCarriedError(weight_grams, zone, tariff.heaviest_grams)
    started_kilograms = -(-weight_grams // _GRAMS_PER_KILOGRAM)
    price = tariff.base_cents + started_kilograms * tariff.cents_per_started_kilogram
    return Quote(zone=zone, weight_grams=weight_grams, price_cents=price)
