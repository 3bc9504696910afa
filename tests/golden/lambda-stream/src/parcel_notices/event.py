"""A batch as Lambda takes it off the stream, and its records, which nobody has checked yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

import msgspec

from parcel_notices.domain import Status  # noqa: TC001 - msgspec reads it at run time

__all__ = ["Batch", "Change", "Parcel", "Reason", "RejectedError", "place_of"]


class Reason(StrEnum):
    """Why an event is rejected; trying it again changes nothing."""

    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"
    IMPLAUSIBLE = "implausible"


class RejectedError(ValueError):
    """An event that cannot be worked on as it is."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def _rejection(error: msgspec.ValidationError | UnicodeError) -> RejectedError:
    detail = str(error)
    about_version = "version`" in detail
    return RejectedError(Reason.UNKNOWN_VERSION if about_version else Reason.WRONG_SHAPE, detail)


class ParcelId(msgspec.Struct, frozen=True, rename={"value": "S"}):
    """A text as DynamoDB writes it."""

    value: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class StatusText(msgspec.Struct, frozen=True, rename={"value": "S"}):
    """A status as DynamoDB writes it."""

    value: Status


class Parcel(msgspec.Struct, frozen=True):
    """An item of the table; attributes that are not named here are not read."""

    parcel_id: ParcelId
    status: StatusText


class Key(msgspec.Struct, frozen=True):
    """What an item is found by."""

    parcel_id: ParcelId


class Images(msgspec.Struct, frozen=True, rename="pascal"):
    """What an item was and what it is."""

    keys: Key
    sequence_number: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    old_image: Parcel | None = None
    new_image: Parcel | None = None


class Change(msgspec.Struct, frozen=True, rename={"event_id": "eventID", "event_version": "eventVersion"}):
    """One record: an item was written or removed.

    Attributes:
        event_id: What tells this change from every other, however often it is handed out.
    """

    event_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    event_version: str
    dynamodb: Images

    @property
    def parcel_id(self) -> str:
        """Whose change it is."""
        return self.dynamodb.keys.parcel_id.value

    @property
    def before(self) -> Status | None:
        """Where the parcel was; nowhere when it is new."""
        image = self.dynamodb.old_image
        return image.status.value if image else None

    @property
    def after(self) -> Status | None:
        """Where it is; nowhere when it was removed."""
        image = self.dynamodb.new_image
        return image.status.value if image else None

    @classmethod
    def read(cls, record: object) -> Self:
        """Return what a record says.

        Raises:
            RejectedError: It is of a version that is not known, or of another shape.
        """
        try:
            change = msgspec.convert(record, cls)
        except (msgspec.ValidationError, UnicodeError) as error:
            raise _rejection(error) from error
        # AWS adds fields with a minor version, and changes them with a major one.
        if not change.event_version.startswith("1."):
            raise RejectedError(Reason.UNKNOWN_VERSION, f"eventVersion {change.event_version}")
        return change


class Batch(msgspec.Struct, frozen=True, rename={"records": "Records"}):
    """What one invocation is given, in order; each record is read when it is its turn."""

    records: tuple[object, ...]


class _Numbered(msgspec.Struct, rename="pascal"):
    sequence_number: str


class _Placed(msgspec.Struct):
    dynamodb: _Numbered


def place_of(record: object) -> str:
    """Return a record's place in its shard, whatever else is wrong with it; nothing when it has none."""
    try:
        return msgspec.convert(record, _Placed).dynamodb.sequence_number
    except (msgspec.ValidationError, UnicodeError):
        return ""
