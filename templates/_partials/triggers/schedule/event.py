"""A start as the schedule sends it (`{{ {"sam": "Input", "cdk": "input"}[iac] }}` in {{ stack_file }}); whoever may invoke the function can send anything."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads it at run time
from enum import StrEnum
from typing import Annotated, Literal, Self

import msgspec

__all__ = ["Reason", "RejectedError", "Start"]


{% include "templates/_partials/asynchronous/rejection.py" %}


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
