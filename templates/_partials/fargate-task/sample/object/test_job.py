"""A run is done once in effect, however often, and at whatever moment, its task is killed or stopped."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import IncompleteReadError
from botocore.response import StreamingBody
from unit.kills import KilledError

from {{ package_name }} import domain, job
from {{ package_name }}.checkpoints import Checkpoints, Order, OrderChangedError, Progress
from {{ package_name }}.job import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from {{ package_name }}.objects import Objects

    type Put = Callable[..., Order]

LINE = b'{"parcel_id": "a", "weight_grams": 700}\n'
DELIVERY = LINE * 30
# Four lines and a half.
PAGE = len(LINE) * 9 // 2
PAGES = 8
# A look at the checkpoint, then pages; for each something is read and saved, with a moment before and after it.
MOMENTS = 2 * (1 + 2 * PAGES)


@pytest.fixture
def order(put: Put) -> Order:
    """The version of an object that arrived."""
    return put(DELIVERY)


@pytest.fixture
def work(order: Order, objects: Objects) -> Callable[..., job.Result]:
    """Do what a task does: what is left of the order, a page after the other."""

    def work(checkpoints: Checkpoints, *, is_stopping: Callable[[], bool] = lambda: False) -> job.Result:
        return job.run(order, checkpoints, objects, is_stopping=is_stopping, page_bytes=PAGE)

    return work


def whole() -> Progress:
    """What the order comes to when nothing is lost and nothing is counted twice."""
    return Progress(done=len(DELIVERY), tally=domain.add_up(DELIVERY, 0))


def test_a_run_counts_every_line_once(work: Callable[..., job.Result], checkpoints: Checkpoints, order: Order) -> None:
    result = work(checkpoints)

    assert (result.outcome, result.progress, result.items) == (Outcome.DONE, whole(), 30)
    assert checkpoints.load(order) == whole()


@pytest.mark.parametrize(
    "key",
    ["two words/a+b", "100%25/%2F.jsonl", "M\u00fcnchen/\u7bb1 \U0001f4e6.jsonl", "../a", "a//b", " a ", "k" * 1024],
)
def test_a_key_is_read_whatever_it_is(put: Put, objects: Objects, checkpoints: Checkpoints, key: str) -> None:
    result = job.run(put(LINE, key), checkpoints, objects, is_stopping=lambda: False)

    assert result.items == 1


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_a_run_that_is_killed_at_any_moment_goes_on_where_it_was(  # noqa: PLR0913  each is a part of the story
    *,
    moment: int,
    work: Callable[..., job.Result],
    order: Order,
    checkpoints: Checkpoints,
    another_task: Checkpoints,
    kill_at: Callable[[int], None],
) -> None:
    kill_at(moment)
    with pytest.raises(KilledError):
        work(checkpoints)
    before = another_task.load(order).tally.parcels

    result = work(another_task)

    assert (result.outcome, result.progress) == (Outcome.DONE, whole())
    # What was done is not done again, and all that was saved was done.
    assert result.items == 30 - before
    assert before >= min(((moment - 2) // 4) * 4, 28)


@pytest.mark.parametrize("pages", range(PAGES))
def test_a_task_that_has_to_stop_does_so_between_two_pages(
    pages: int, work: Callable[..., job.Result], checkpoints: Checkpoints
) -> None:
    answers = iter([False] * pages + [True])

    stopped = work(checkpoints, is_stopping=lambda: next(answers))
    finished = work(checkpoints)

    assert (stopped.outcome, stopped.items) == (Outcome.INTERRUPTED, pages * 4)
    assert (finished.outcome, finished.items, finished.progress) == (Outcome.DONE, 30 - pages * 4, whole())


def test_a_run_that_is_done_is_not_done_again(
    work: Callable[..., job.Result], checkpoints: Checkpoints, another_task: Checkpoints
) -> None:
    work(checkpoints)

    again = work(another_task, is_stopping=lambda: True)

    assert (again.outcome, again.items, again.progress) == (Outcome.DONE, 0, whole())


def test_two_tasks_of_one_run_do_not_undo_each_other(
    work: Callable[..., job.Result], order: Order, checkpoints: Checkpoints, another_task: Checkpoints
) -> None:
    behind = iter([False, False, True])
    stopped = work(checkpoints, is_stopping=lambda: next(behind))

    ahead = work(another_task)
    checkpoints.save(order, stopped.progress)

    assert ahead.progress == whole()
    assert another_task.load(order) == whole()


def test_a_key_that_is_written_again_is_another_run(put: Put, objects: Objects, checkpoints: Checkpoints) -> None:
    before, after = put(LINE), put(LINE.replace(b"700", b"900"))

    results = [job.run(order, checkpoints, objects, is_stopping=lambda: False) for order in (before, after)]

    assert [result.progress.tally.weight_grams for result in results] == [700, 900]


def test_an_id_belongs_to_one_order(put: Put, objects: Objects, checkpoints: Checkpoints) -> None:
    order = put(LINE)
    job.run(order, checkpoints, objects, is_stopping=lambda: False)

    other = Order(run_id=order.run_id, key="another", size=order.size)
    with pytest.raises(OrderChangedError, match="begun with another object than 'another'"):
        job.run(other, checkpoints, objects, is_stopping=lambda: False)


@pytest.mark.parametrize("body", [b"", b"\n"])
def test_an_empty_object_adds_up_to_nothing(put: Put, objects: Objects, checkpoints: Checkpoints, body: bytes) -> None:
    result = job.run(put(body), checkpoints, objects, is_stopping=lambda: False)

    assert (result.outcome, result.items) == (Outcome.DONE, 0)


def test_a_line_that_is_longer_than_a_page_ends_the_run(put: Put, objects: Objects, checkpoints: Checkpoints) -> None:
    order = put(LINE + b" " * PAGE + LINE)

    with pytest.raises(domain.BadLineError, match=rf"^the line at byte {len(LINE)}: longer than {PAGE} bytes"):
        job.run(order, checkpoints, objects, is_stopping=lambda: False, page_bytes=PAGE)


def test_an_answer_that_is_cut_off_is_asked_for_again(
    work: Callable[..., job.Result], checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off = iter([True, True, True, True])
    read = StreamingBody.read

    def cut(body: StreamingBody) -> bytes:
        if next(cut_off, False):
            raise IncompleteReadError(actual_bytes=1, expected_bytes=2)
        return read(body)

    monkeypatch.setattr(StreamingBody, "read", cut)

    assert work(checkpoints).progress == whole()


def test_an_answer_that_is_always_cut_off_ends_the_run(
    work: Callable[..., job.Result], checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_: object) -> bytes:
        raise IncompleteReadError(actual_bytes=1, expected_bytes=2)

    monkeypatch.setattr(StreamingBody, "read", cut)

    with pytest.raises(IncompleteReadError):
        work(checkpoints)


def test_progress_is_told(
    work: Callable[..., job.Result], checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        work(checkpoints)

    told = [record.__dict__["fields"] for record in caplog.records if record.message == "progress"]
    assert told[0] == {"done": 4 * len(LINE), "of": len(DELIVERY)}
    assert told[-1] == {"done": len(DELIVERY), "of": len(DELIVERY)}
