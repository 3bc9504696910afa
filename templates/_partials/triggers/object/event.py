"""A new object as S3 tells EventBridge of it, which nobody has checked yet.

Keys arrive as they are: unlike S3's own notifications, EventBridge does not encode spaces and other letters.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

import msgspec

__all__ = ["ObjectCreated", "Reason", "RejectedError", "StoredObject"]

_LARGEST_OBJECT = 50 * 1024**4


{% include "templates/_partials/asynchronous/rejection.py" %}


class Bucket(msgspec.Struct, frozen=True):
    """Where the object lies."""

    name: Annotated[str, msgspec.Meta(min_length=3, max_length=63, pattern=r"^[A-Za-z0-9._-]+\Z")]


class StoredObject(msgspec.Struct, frozen=True, rename="kebab"):
    """Which object it is.

    Attributes:
        version_id: Which writing of the key; absent in a bucket without versions.
        sequencer: A number that grows with each writing of the key.
    """

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    size: Annotated[int, msgspec.Meta(ge=0, le=_LARGEST_OBJECT)]
    sequencer: str
    version_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse half a surrogate pair, which JSON can carry and which no request to S3 can."""
        f"{self.key}{self.version_id}".encode()


class Detail(msgspec.Struct, frozen=True):
    """What S3 says; version 0 is the only one there is."""

    version: Literal["0"]
    bucket: Bucket
    object: StoredObject


class ObjectCreated(msgspec.Struct, frozen=True, rename="kebab"):
    """The event: the parts that this service reads."""

    source: Literal["aws.s3"]
    detail_type: Literal["Object Created"]
    detail: Detail

    @property
    def identity(self) -> str:
        """What tells one writing of one key from every other, however often S3 tells of it."""
        stored = self.detail.object
        return f"{self.detail.bucket.name}/{stored.key}#{stored.version_id or stored.sequencer}"

    @classmethod
    def read(cls, event: object) -> Self:
        """Return the event with its types checked.

        Raises:
            RejectedError: It is of a version that is not known, or no such event at all.
        """
        try:
            return msgspec.convert(event, cls)
        except (msgspec.ValidationError, UnicodeError) as error:
            raise _rejection(error) from error
