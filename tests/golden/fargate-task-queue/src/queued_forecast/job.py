"""One run: page after page, a checkpoint after each, until all is done or the task has to stop.

A task may be killed at any moment: position and result are one checkpoint, so the next task of the same run goes on
from there, and no parcel is lost or counted twice.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from queued_forecast import domain
from queued_forecast.checkpoints import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from queued_forecast.checkpoints import Checkpoints, Order

__all__ = ["PAGE_PARCELS", "Outcome", "Result", "run"]

PAGE_PARCELS = 500_000
"""A page takes a second or two: what a kill costs at most, and how long a stop waits, of the half minute it has."""

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
    *,
    is_stopping: Callable[[], bool],
    page_parcels: int = PAGE_PARCELS,
) -> Result:
    """Do what is left of an order, unless the task has to stop before.

    Args:
        order: What the run is asked for.
        checkpoints: Where it is kept how far the run has come.
        is_stopping: Tells, between two pages, whether the task has to stop.
        page_parcels: How many parcels are counted between two checkpoints.

    Raises:
        OrderChangedError: The run was begun with another order.
    """
    progress = checkpoints.load(order)
    begun_at = progress.done
    while progress.done < order.parcels:
        if is_stopping():
            return Result(outcome=Outcome.INTERRUPTED, progress=progress, items=progress.done - begun_at)
        page = range(progress.done, min(progress.done + page_parcels, order.parcels))
        # Here your service would do its work. What it does beside the checkpoint must be harmless when done again.
        progress = Progress(done=page.stop, tally=progress.tally + domain.tally(order.seed, page))
        checkpoints.save(order, progress)
        logger.info("progress", extra={"fields": {"done": progress.done, "of": order.parcels}})
    return Result(outcome=Outcome.DONE, progress=progress, items=progress.done - begun_at)
