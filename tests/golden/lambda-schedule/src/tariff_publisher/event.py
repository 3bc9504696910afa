"""A start as the schedule sends it (`Input` in template.yaml); whoever may invoke the function can send anything."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads it at run time
from enum import StrEnum
from typing import Annotated, Literal, Self

import msgspec

__all__ = ["Reason", "RejectedError", "Start"]


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


class Start(msgspec.Struct, frozen=True):
    """A run is due; version 1.

    A new version is a struct of its own, told apart by `version`: starts of the old one may still be on their way
    when it is deployed.

    Attributes:
        due: When the schedule wanted the run; the same in every attempt, so it names the run.
    """

    version: Literal[1]
    due: Annotated[datetime, msgspec.Meta(tz=True)]

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
