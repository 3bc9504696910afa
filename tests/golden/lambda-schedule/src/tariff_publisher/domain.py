"""What the service knows: which tariff holds when. No AWS, no clock, no environment.

Replace it by your own rules. Nothing here asks for the time: a run is told when it was due, so the same run gives the
same answer however often, and however late, it is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["TARIFFS", "NoTariffError", "Tariff", "in_force"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What a parcel costs, in whole cents, until another tariff begins."""

    begins: datetime
    base_cents: int
    cents_per_started_kilogram: int


TARIFFS = (
    Tariff(begins=datetime(2025, 1, 1, tzinfo=UTC), base_cents=360, cents_per_started_kilogram=55),
    Tariff(begins=datetime(2026, 1, 1, tzinfo=UTC), base_cents=390, cents_per_started_kilogram=60),
    Tariff(begins=datetime(2027, 1, 1, tzinfo=UTC), base_cents=410, cents_per_started_kilogram=60),
)


class NoTariffError(ValueError):
    """No tariff had begun yet."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"no tariff holds at {at.isoformat()}; the first begins at {TARIFFS[0].begins.isoformat()}")


def in_force(at: datetime) -> Tariff:
    """Return the tariff that holds at a time.

    Args:
        at: A time with its zone.

    Raises:
        NoTariffError: No tariff had begun yet.
    """
    begun = [tariff for tariff in TARIFFS if tariff.begins <= at]
    if not begun:
        raise NoTariffError(at)
    return max(begun, key=lambda tariff: tariff.begins)
