"""A job as whoever starts it describes it, which nobody has checked yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

import msgspec

from price_lists import domain  # noqa: TC001 - msgspec reads it at run time

__all__ = ["Job", "Reason", "RejectedError"]


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


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price list is wanted; version 1.

    A field that is not known is a slip of whoever starts the job, so it is rejected. What changes the meaning of a
    field is a new version: a struct of its own, told apart by `version`.

    Attributes:
        job_id: What the job is called; the same name is the same job, done once.
    """

    version: Literal[1]
    job_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    zone: domain.Zone
    weights_grams: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=1_000_000)], ...],
        msgspec.Meta(min_length=1, max_length=10_000),
    ]

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
