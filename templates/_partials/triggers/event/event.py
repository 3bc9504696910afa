"""An event as EventBridge passes it on, and what it says, which nobody has checked yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

import msgspec

from {{ package_name }} import domain  # noqa: TC001 - msgspec reads it at run time

__all__ = ["Event", "ParcelPosted", "Reason", "RejectedError"]


{% include "templates/_partials/asynchronous/rejection.py" %}


class ParcelPosted(msgspec.Struct, frozen=True):
    """A parcel was handed in at a depot; version 1.

    A sender may add fields, which are not read. What changes the meaning of a field is a new version: a struct of
    its own, told apart by `version`.
    """

    version: Literal[1]
    parcel_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    zone: domain.Zone
    weight_grams: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Event(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """One event: the parts that this service reads.

    Attributes:
        id: The same each time that the event is delivered.
    """

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    detail_type: Literal["ParcelPosted"]
    detail: ParcelPosted

    @classmethod
    def read(cls, event: object) -> Self:
        """Return what an event says.

        Raises:
            RejectedError: It is of a version that is not known, or of another shape.
        """
        try:
            return msgspec.convert(event, cls)
        except (msgspec.ValidationError, UnicodeError) as error:
            raise _rejection(error) from error
