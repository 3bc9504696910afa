"""What the service knows: what a delivery of parcels adds up to. No AWS, no environment.

A delivery is a text with one parcel on each line, as JSON. Replace it by your own long work. It only has to come in
pieces that give the same result whenever they are done, so that work that was cut off is simply done again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

__all__ = ["BadLineError", "Tally", "add_up"]

_HEAVIEST_GRAMS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What some parcels add up to."""

    parcels: int = 0
    weight_grams: int = 0
    heaviest_grams: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return what both add up to."""
        return Tally(
            parcels=self.parcels + other.parcels,
            weight_grams=self.weight_grams + other.weight_grams,
            heaviest_grams=max(self.heaviest_grams, other.heaviest_grams),
        )


class BadLineError(ValueError):
    """A line is no parcel."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(f"the line at byte {position}: {problem}")
        self.position = position


def add_up(lines: bytes, position: int) -> Tally:
    """Return what whole lines add up to; empty ones count for nothing.

    Args:
        lines: Part of a delivery.
        position: Where in the delivery it begins, in bytes.

    Raises:
        BadLineError: A line is no parcel.
    """
    parcels = weight = heaviest = 0
    for line in lines.split(b"\n"):
        if line.strip():
            grams = _grams(line, position)
            parcels += 1
            weight += grams
            heaviest = max(heaviest, grams)
        position += len(line) + 1
    return Tally(parcels=parcels, weight_grams=weight, heaviest_grams=heaviest)


def _grams(line: bytes, position: int) -> int:
    try:
        parcel = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLineError(position, str(error)) from error
    match parcel:
        case {"parcel_id": str(parcel_id), "weight_grams": int(grams)} if (
            parcel_id and type(grams) is int and 0 < grams <= _HEAVIEST_GRAMS
        ):
            return grams
    problem = f"a parcel has a parcel_id and 1 to {_HEAVIEST_GRAMS} weight_grams"
    raise BadLineError(position, problem)
