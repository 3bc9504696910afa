"""What the service knows: what the tariff would earn on parcels that nobody has sent yet. No AWS, no environment.

Replace it by your own long work. It only has to come in numbered units that give the same result whenever they are
done, so that work that was cut off is simply done again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Parcel", "Tally", "Zone", "imagine", "price_cents", "tally"]

_GRAMS_PER_KILOGRAM = 1_000
_HEAVIEST_GRAMS = 20_000


class Zone(StrEnum):
    """Where a parcel goes, seen from the depot."""

    DOMESTIC = "domestic"
    CONTINENTAL = "continental"
    WORLDWIDE = "worldwide"


_BASE_CENTS: Mapping[Zone, int] = {Zone.DOMESTIC: 390, Zone.CONTINENTAL: 890, Zone.WORLDWIDE: 1490}
_CENTS_PER_STARTED_KILOGRAM: Mapping[Zone, int] = {Zone.DOMESTIC: 60, Zone.CONTINENTAL: 180, Zone.WORLDWIDE: 950}
_ZONES = tuple(Zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel of a forecast."""

    zone: Zone
    weight_grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What some parcels earn together."""

    parcels: int = 0
    revenue_cents: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return what both earn."""
        return Tally(parcels=self.parcels + other.parcels, revenue_cents=self.revenue_cents + other.revenue_cents)


def imagine(seed: int, number: int) -> Parcel:
    """Return a parcel of a forecast: the same seed and number always give the same one."""
    digest = hashlib.blake2b(b"%d:%d" % (seed, number), digest_size=8).digest()
    weight = 1 + int.from_bytes(digest[1:]) % _HEAVIEST_GRAMS
    return Parcel(zone=_ZONES[digest[0] % len(_ZONES)], weight_grams=weight)


def price_cents(parcel: Parcel) -> int:
    """Return what a parcel costs to send, each started kilogram counted as a whole one."""
    started_kilograms = -(-parcel.weight_grams // _GRAMS_PER_KILOGRAM)
    return _BASE_CENTS[parcel.zone] + started_kilograms * _CENTS_PER_STARTED_KILOGRAM[parcel.zone]


def tally(seed: int, numbers: range) -> Tally:
    """Return what the parcels with these numbers earn."""
    revenue = sum(price_cents(imagine(seed, number)) for number in numbers)
    return Tally(parcels=len(numbers), revenue_cents=revenue)
