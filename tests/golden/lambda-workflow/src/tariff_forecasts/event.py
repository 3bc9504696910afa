"""A step as the workflow asks for it; what a person ordered in it has been checked by nobody yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from tariff_forecasts.domain import MAX_CHUNKS, Tally

__all__ = ["Chunk", "Finish", "Order", "Plan", "Reason", "RejectedError", "Step", "Work", "read_step"]

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


class Plan(msgspec.Struct, frozen=True, tag="plan", tag_field="step"):
    """Cut an order into chunks."""

    run: _Run
    order: Order


class Work(msgspec.Struct, frozen=True, tag="work", tag_field="step"):
    """Go on with a chunk until it is done or the time is up."""

    run: _Run
    chunk: Chunk


class Finish(msgspec.Struct, frozen=True, tag="finish", tag_field="step"):
    """Add up what the chunks earn."""

    run: _Run
    tallies: Annotated[list[Tally], msgspec.Meta(min_length=1, max_length=MAX_CHUNKS)]


type Step = Plan | Work | Finish


def read_step(event: object) -> Step:
    """Return the step that an event asks for.

    Raises:
        RejectedError: It is none, or of a version or shape that this service does not know.
    """
    try:
        step: Step = msgspec.convert(event, Plan | Work | Finish)
    except (msgspec.ValidationError, UnicodeError) as error:
        reason = Reason.UNKNOWN_VERSION if str(error).endswith("`$.order.version`") else Reason.WRONG_SHAPE
        raise RejectedError(reason, str(error)) from error
    return step
