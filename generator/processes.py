"""Works on many things in a few processes, so that Ctrl-C ends all of it without a traceback."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["worked"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def worked(
    work: Callable[[Item], Result], items: Sequence[Item], *, at_most: int | None = None
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with what became of it, as soon as that is known; a single one needs no process.

    Args:
        work: A function of a module; what it takes and gives goes from process to process.
        items: What to work on.
        at_most: In how many processes; in one for each processor unless said.
    """
    if len(items) == 1:
        yield items[0], work(items[0])
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed

    # A fresh interpreter, because Copier's libraries and threads do not bear a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        max_workers=min(at_most or os.cpu_count() or 1, len(items)),
        mp_context=context,
        initializer=_leave_interrupts,
    ) as pool:
        try:
            waiting = {pool.submit(work, item): item for item in items}
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            # After an interrupt what has begun is finished, and nothing else begins.
            pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the one that was called."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
