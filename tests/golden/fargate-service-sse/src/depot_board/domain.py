"""How many parcels wait in each depot: what the board shows. It knows no AWS."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEPOTS", "Waiting", "waiting_at"]

DEPOTS = ("north", "east", "south", "west")
# Parcels come for two hours, and go for two hours.
TIDE_MINUTES = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is known of one depot at one moment.

    Attributes:
        depot: Which one.
        parcels: How many wait there.
    """

    depot: str
    parcels: int


def waiting_at(number: int) -> Waiting:
    """Return what there was to say at a moment, which has a number.

    Every task comes to the same, as it would by reading from one place: so a client may go on at any of them.
    """
    depot = DEPOTS[number % len(DEPOTS)]
    minute = number // 60 % (2 * TIDE_MINUTES)
    # And never are quite as many as a moment ago.
    parcels = 5 * min(minute, 2 * TIDE_MINUTES - minute) + number * 7_919 % 31
    return Waiting(depot=depot, parcels=parcels)
