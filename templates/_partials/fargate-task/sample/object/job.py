"""One run: a page of the object after the other, a checkpoint after each, until all is read or the task has to stop.

A task may be killed at any moment: position and result are one checkpoint, so the next task of the same run goes on
from there, and no line is lost or counted twice.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from {{ package_name }} import domain
from {{ package_name }}.checkpoints import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from {{ package_name }}.checkpoints import Checkpoints, Order
    from {{ package_name }}.objects import Objects

__all__ = ["PAGE_BYTES", "Outcome", "Result", "run"]

PAGE_BYTES = 16 * 1024 * 1024
"""A page takes a second or two: what a kill costs at most, and how long a stop waits, of the two minutes it has."""

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How a run ended without an error."""

    DONE = "done"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a task made of its run.

    Attributes:
        progress: How far the run has come, with what earlier tasks of it did.
        items: The parcels that this task counted.
    """

    outcome: Outcome
    progress: Progress
    items: int


def run(
    order: Order,
    checkpoints: Checkpoints,
    objects: Objects,
    *,
    is_stopping: Callable[[], bool],
    page_bytes: int = PAGE_BYTES,
) -> Result:
    """Do what is left of an order, unless the task has to stop before.

    Args:
        order: What the run is asked for.
        checkpoints: Where it is kept how far the run has come.
        objects: Where the object is.
        is_stopping: Tells, between two pages, whether the task has to stop.
        page_bytes: How much is read between two checkpoints, and how long a line may be.

    Raises:
        OrderChangedError: The run was begun with another order.
        BadLineError: A line is no parcel, or too long.
    """
    progress = checkpoints.load(order)
    begun_at = progress.tally.parcels
    while progress.done < order.size:
        if is_stopping():
            return _result(Outcome.INTERRUPTED, progress, begun_at)
        page = range(progress.done, min(progress.done + page_bytes, order.size))
        lines = _whole_lines(objects.read(order, page), page, order)
        # Here your service would do its work. What it does beside the checkpoint must be harmless when done again.
        tally = progress.tally + domain.add_up(lines, page.start)
        progress = Progress(done=page.start + len(lines), tally=tally)
        checkpoints.save(order, progress)
        logger.info("progress", extra={"fields": {"done": progress.done, "of": order.size}})
    return _result(Outcome.DONE, progress, begun_at)


def _whole_lines(text: bytes, page: range, order: Order) -> bytes:
    """Return a page without the line that goes on after it, which is the first of the next page."""
    if page.stop == order.size:
        return text
    lines = text[: text.rfind(b"\n") + 1]
    if not lines:
        raise domain.BadLineError(page.start, f"longer than {len(page)} bytes")
    return lines


def _result(outcome: Outcome, progress: Progress, begun_at: int) -> Result:
    return Result(outcome=outcome, progress=progress, items=progress.tally.parcels - begun_at)
