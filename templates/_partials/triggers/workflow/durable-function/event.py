"""What an execution is asked for, as it arrives; what a person ordered has been checked by nobody yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

__all__ = ["Chunk", "Order", "Reason", "RejectedError", "Request", "Work", "read_request"]

{% include "templates/_partials/triggers/workflow/order.py" %}


class Work(msgspec.Struct, frozen=True):
    """A chunk that a run gives to an execution of its own."""

    run: _Run
    chunk: Chunk


type Request = Order | Work


def read_request(event: object) -> Request:
    """Return what an event asks for: a chunk if it names one, else a whole run.

    Raises:
        RejectedError: It is of no version or shape that this service knows.
    """
    try:
        if isinstance(event, dict) and "chunk" in event:
            return msgspec.convert(event, Work)
        return msgspec.convert(event, Order)
    except (msgspec.ValidationError, UnicodeError) as error:
        reason = Reason.UNKNOWN_VERSION if str(error).endswith("`$.version`") else Reason.WRONG_SHAPE
        raise RejectedError(reason, str(error)) from error
