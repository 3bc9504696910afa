"""What the service knows: what a receiver is told when a parcel moves on. No AWS, no stream, no environment.

Replace it by your own rules.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ImpossibleMoveError", "Notice", "Status", "notice_of"]


class Status(StrEnum):
    """Where a parcel is, in the order in which it gets there."""

    REGISTERED = "registered"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"


class Notice(StrEnum):
    """What a receiver is told."""

    ANNOUNCED = "announced"
    ON_ITS_WAY = "on_its_way"
    ARRIVED = "arrived"


_TOLD = {
    Status.REGISTERED: Notice.ANNOUNCED,
    Status.IN_TRANSIT: Notice.ON_ITS_WAY,
    Status.DELIVERED: Notice.ARRIVED,
}
_ORDER = list(Status)


class ImpossibleMoveError(ValueError):
    """A parcel went back."""

    def __init__(self, before: Status, after: Status) -> None:
        super().__init__(f"a parcel that is {before} cannot become {after}")


def notice_of(before: Status | None, after: Status | None) -> Notice | None:
    """Return what the receiver is told of a change; nothing when the parcel is where it was, or is forgotten.

    Args:
        before: Where the parcel was; nowhere when it is new.
        after: Where it is; nowhere when it was removed.

    Raises:
        ImpossibleMoveError: It went back.
    """
    if after is None or after == before:
        return None
    if before is not None and _ORDER.index(after) < _ORDER.index(before):
        raise ImpossibleMoveError(before, after)
    return _TOLD[after]
