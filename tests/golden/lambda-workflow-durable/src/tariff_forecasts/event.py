"""What an execution is asked for, as it arrives; what a person ordered has been checked by nobody yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

__all__ = ["Chunk", "Order", "Reason", "RejectedError", "Request", "Work", "read_request"]

type _Count = Annotated[int, msgspec.Meta(ge=0, le=10_000_000_000)]
type _Run = Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]


class Reason(StrEnum):
    """Why something can never succeed, however often it is tried."""

    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"


class RejectedError(ValueError):
    """What can never succeed; whoever tries steps again knows this name, and does not."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What starts a run: a forecast of so many parcels, made from a seed."""

    version: Literal[1]
    seed: _Count
    parcels: Annotated[int, msgspec.Meta(ge=1, le=10_000_000_000)]


class Chunk(msgspec.Struct, frozen=True):
    """The parcels from `start` up to, not including, `stop`."""

    seed: _Count
    start: _Count
    stop: _Count

    def __post_init__(self) -> None:
        """Refuse a chunk without parcels, which nobody plans."""
        if self.start >= self.stop:
            message = f"a chunk ends after it starts, not from {self.start} to {self.stop}"
            raise ValueError(message)


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
