"""A run is done once in effect, however often, and at whatever moment, its task is killed or stopped."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from unit.kills import KilledError

from {{ package_name }} import domain, job
from {{ package_name }}.checkpoints import Order, OrderChangedError, Progress
from {{ package_name }}.job import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from {{ package_name }}.checkpoints import Checkpoints

ORDER = Order(run_id="run-1", seed=7, parcels=95{{ ", first=95" if event_source == "array" }})
PAGE = 10
# A look at the checkpoint, then ten pages; each is a call, and a moment before and after it.
MOMENTS = 2 * (1 + 10)


def work(checkpoints: Checkpoints, *, is_stopping: Callable[[], bool] = lambda: False) -> job.Result:
    """Do what a task does: what is left of the order, ten parcels a page."""
    return job.run(ORDER, checkpoints, is_stopping=is_stopping, page_parcels=PAGE)


def whole() -> Progress:
    """What the order comes to when nothing is lost and nothing is counted twice."""
    return Progress(done=95, tally=domain.tally(7, {{ "range(95, 190)" if event_source == "array" else "range(95)" }}))


def test_a_run_counts_every_parcel_once(checkpoints: Checkpoints) -> None:
    result = work(checkpoints)

    assert (result.outcome, result.progress, result.items) == (Outcome.DONE, whole(), 95)
    assert checkpoints.load(ORDER) == whole()


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_a_run_that_is_killed_at_any_moment_goes_on_where_it_was(
    moment: int, checkpoints: Checkpoints, another_task: Checkpoints, kill_at: Callable[[int], None]
) -> None:
    kill_at(moment)
    with pytest.raises(KilledError):
        work(checkpoints)
    before = another_task.load(ORDER).done

    result = work(another_task)

    assert (result.outcome, result.progress) == (Outcome.DONE, whole())
    # What was done is not done again.
    assert result.items == 95 - before
    assert before >= ((moment - 2) // 2) * PAGE or before == 95


def test_a_run_that_is_killed_again_and_again_gets_done(
    checkpoints: Checkpoints, kill_at: Callable[[int], None]
) -> None:
    for _ in range(10):
        kill_at(4)
        with pytest.raises(KilledError):
            work(checkpoints)

    assert work(checkpoints).progress == whole()


@pytest.mark.parametrize("pages", range(10))
def test_a_task_that_has_to_stop_does_so_between_two_pages(pages: int, checkpoints: Checkpoints) -> None:
    answers = iter([False] * pages + [True])

    stopped = work(checkpoints, is_stopping=lambda: next(answers))
    finished = work(checkpoints)

    assert (stopped.outcome, stopped.items) == (Outcome.INTERRUPTED, pages * PAGE)
    assert (finished.outcome, finished.items, finished.progress) == (Outcome.DONE, 95 - pages * PAGE, whole())


def test_a_run_that_is_done_is_not_done_again(checkpoints: Checkpoints, another_task: Checkpoints) -> None:
    work(checkpoints)

    again = work(another_task, is_stopping=lambda: True)

    assert (again.outcome, again.items, again.progress) == (Outcome.DONE, 0, whole())


def test_two_tasks_of_one_run_do_not_undo_each_other(checkpoints: Checkpoints, another_task: Checkpoints) -> None:
    behind = iter([False, False, True])
    work(checkpoints, is_stopping=lambda: next(behind))

    ahead = work(another_task)
    late = Progress(done=30, tally=domain.tally(7, range(30)))
    checkpoints.save(ORDER, late)

    assert ahead.progress == whole()
    assert another_task.load(ORDER) == whole()


def test_an_id_belongs_to_one_order(checkpoints: Checkpoints, another_task: Checkpoints) -> None:
    work(checkpoints)

    with pytest.raises(OrderChangedError, match="run run-1 was begun with another order"):
        job.run(Order(run_id="run-1", seed=8, parcels=95), another_task, is_stopping=lambda: False)


def test_runs_do_not_mix(checkpoints: Checkpoints) -> None:
    work(checkpoints)

    other = job.run(Order(run_id="run-2", seed=8, parcels=20), checkpoints, is_stopping=lambda: False)

    assert other.progress.tally == domain.tally(8, range(20))


{% if event_source == "array" %}
def test_items_together_count_every_parcel_once(checkpoints: Checkpoints) -> None:
    total = domain.Tally()
    for item in range(3):
        share = domain.share(95, item, 3)
        order = Order(run_id=f"run-3-{item}", seed=7, first=share.start, parcels=len(share))
        total += job.run(order, checkpoints, is_stopping=lambda: False, page_parcels=PAGE).progress.tally

    assert total == domain.tally(7, range(95))


def test_an_item_without_a_parcel_is_done(checkpoints: Checkpoints) -> None:
    result = job.run(Order(run_id="run-4-0", seed=7, parcels=0), checkpoints, is_stopping=lambda: False)

    assert (result.outcome, result.items) == (Outcome.DONE, 0)


{% endif %}
def test_progress_is_told(checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        work(checkpoints)

    told = [record.__dict__["fields"] for record in caplog.records if record.message == "progress"]
    assert told[0] == {"done": 10, "of": 95}
    assert told[-1] == {"done": 95, "of": 95}
