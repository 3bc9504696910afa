"""A step as the workflow asks for it; what a person ordered in it has been checked by nobody yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from {{ package_name }}.domain import MAX_CHUNKS, Tally

__all__ = ["Chunk", "Finish", "Order", "Plan", "Reason", "RejectedError", "Step", "Work", "read_step"]

{% include "templates/_partials/triggers/workflow/order.py" %}


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
