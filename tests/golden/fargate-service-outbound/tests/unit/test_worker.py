"""Messages are done once by all tasks together, tried again, given up; and none is passed over."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES
from unit.conftest import CLAIM_SECONDS, order, until

from forecast_feed import domain
from forecast_feed.telemetry import Counts
from forecast_feed.worker import HangingError, Limits, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from types_boto3_dynamodb import DynamoDBClient

    from forecast_feed.letters import Letters
    from forecast_feed.positions import Positions
    from forecast_feed.results import Results

    Made = Callable[[], dict[str, int]]
    Make = Callable[..., Worker]
    PutAside = Callable[[], list[dict[str, str]]]

LIMITS = Limits(
    at_once=2, held=50, message_seconds=60, keep_every_seconds=5, look_again_seconds=0.05, tries=3, retry_seconds=0
)
EARNS = domain.tally(7, range(20)).revenue_cents


@pytest.fixture
def make(results: Results, letters: Letters) -> Make:
    """Make a task's worker that is quicker than a real one, with some limits changed."""

    def make(*, reached: int | None = None, **changed: float) -> Worker:
        limits = replace(LIMITS, **changed)  # type: ignore[arg-type]  # an int where one is wanted
        return Worker(results, letters, Counts("test"), limits, reached=reached)

    return make


class Work:
    """Stands in for the work, which is the part to replace: it takes as long as it is told, and may fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.failures = 0
        self.begun = 0
        self.seconds = 0.0
        self._lock = threading.Lock()
        self._tally = domain.tally
        monkeypatch.setattr(domain, "tally", self.tally)

    def tally(self, seed: int, numbers: range) -> domain.Tally:
        with self._lock:
            self.begun += 1
            fails, self.failures = self.failures > 0, self.failures - 1
        assert self.goes_on.wait(30)
        time.sleep(self.seconds)
        if fails:
            message = "the work failed"
            raise RuntimeError(message)
        return self._tally(seed, numbers)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """The work."""
    return Work(monkeypatch)


def run(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(play())


async def take(workers: list[Worker], *sayings: dict[str, object] | str) -> None:
    for saying in sayings:
        for worker in workers:
            await worker.take(saying if isinstance(saying, str) else json.dumps(saying))


def test_what_every_task_hears_is_done_once(make: Make, made: Made, work: Work) -> None:
    async def play() -> None:
        workers = [make(), make(), make()]
        await take(workers, *map(order, range(20)))
        await until(lambda: all(worker.reached == 19 for worker in workers))

    run(play)

    assert made() == {f"f-{number}": EARNS for number in range(20)}
    assert work.begun == 20


def test_more_tasks_do_not_mean_as_many_claims_more(
    make: Make, results: Results, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims, claim = 0, results.claim
    tasks, messages = 6, 40

    def counted(*arguments: Any) -> object:  # noqa: ANN401  as it is called
        nonlocal claims
        claims += 1
        return claim(*arguments)

    monkeypatch.setattr(results, "claim", counted)
    work.seconds = 0.1

    async def play() -> None:
        workers = [make(at_once=1) for _ in range(tasks)]
        await take(workers, *map(order, range(messages)))
        await until(lambda: all(worker.reached == messages - 1 for worker in workers))

    run(play)

    assert work.begun == messages
    assert claims < messages * tasks / 2, "every task claims everything"


def test_no_number_is_passed_over(make: Make, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, seen = domain.tally, list[int | None]()

    async def play() -> None:
        worker = make(at_once=1, reached=4)

        def tally(seed: int, numbers: range) -> domain.Tally:
            seen.append(worker.reached)
            return begin(seed, numbers)

        monkeypatch.setattr(domain, "tally", tally)
        await take([worker], order(5), order(6))
        await until(lambda: worker.reached == 6)
        work.failures = 1
        await take([worker], order(7), order(8), "no JSON", order(9))
        assert worker.heard == 9
        await until(lambda: worker.reached == 9)

    run(play)

    # The first of the second four fails; whatever is done before it is tried again does not count yet.
    assert (work.begun, seen[:4]) == (6, [4, 5, 6, 6])


def test_what_fails_again_and_again_is_put_aside_once_and_holds_up_nobody(
    make: Make, made: Made, work: Work, put_aside: PutAside
) -> None:
    work.failures = 10**6

    async def play() -> None:
        workers = [make(), make()]
        await take(workers, order(1))
        await until(lambda: all(worker.reached == 1 for worker in workers))

    run(play)

    assert made() == {}
    assert work.begun == LIMITS.tries
    assert [(letter["reason"], json.loads(letter["text"])) for letter in put_aside()] == [("failed", order(1))]


def test_what_fails_for_a_while_is_done_in_the_end(make: Make, made: Made, work: Work, put_aside: PutAside) -> None:
    work.failures = LIMITS.tries - 1

    async def play() -> None:
        worker = make()
        await take([worker], order(1))
        await until(lambda: worker.reached == 1)

    run(play)

    assert (made(), put_aside()) == ({"f-1": EARNS}, [])


def test_what_takes_its_tasks_with_it_is_given_up_too(
    make: Make, work: Work, put_aside: PutAside, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Claimed as often as it may be, each time by a task that was killed.
    from forecast_feed import message  # noqa: PLC0415
    from forecast_feed.results import Whose  # noqa: PLC0415

    clock = time.time()
    ordered = message.read(json.dumps(order(1)))
    for day in range(LIMITS.tries):
        monkeypatch.setattr(time, "time", lambda day=day: clock + 100 * day)
        assert results.claim(ordered, f"killed-{day}").whose is Whose.OURS
    monkeypatch.setattr(time, "time", lambda: clock + 1_000)

    async def play() -> None:
        worker = make()
        await take([worker], order(1))
        await until(lambda: worker.reached == 1)

    run(play)

    assert work.begun == 0
    assert [letter["reason"] for letter in put_aside()] == ["failed"]


@pytest.mark.parametrize(
    ("saying", "reason"),
    [
        ("no JSON", "not_json"),
        ("\x00\ud800", "not_json"),
        (json.dumps(order(1, version=2)), "unknown_version"),
        (json.dumps(order(1, parcels=0)), "wrong_shape"),
    ],
    ids=["no JSON", "no text", "unknown version", "wrong shape"],
)
def test_what_cannot_be_read_is_put_aside_once(saying: str, reason: str, make: Make, put_aside: PutAside) -> None:
    async def play() -> None:
        workers = [make(), make()]
        await take(workers, saying, order(2))
        await until(lambda: all(worker.reached == 2 for worker in workers))

    run(play)

    assert [(letter["reason"], letter["text"]) for letter in put_aside()] == [(reason, saying)]


def test_another_order_under_the_same_id_is_put_aside(make: Make, made: Made, put_aside: PutAside) -> None:
    async def play() -> None:
        worker = make()
        await take([worker], order(1))
        await until(lambda: worker.reached == 1)
        await take([worker], order(2, forecast_id="f-1", parcels=30))
        await until(lambda: worker.reached == 2)

    run(play)

    assert made() == {"f-1": EARNS}
    assert [letter["reason"] for letter in put_aside()] == ["other_order"]


def test_what_a_killed_task_had_claimed_is_done_by_another_when_the_claim_ends(
    make: Make, made: Made, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = time.time()
    work.goes_on.clear()

    async def killed() -> None:
        await take([make()], order(1))
        await until(lambda: work.begun == 1)

    async def survives() -> None:
        worker = make()
        await take([worker], order(1))
        await asyncio.sleep(0.3)
        assert work.begun == 1, "it is another task's"
        monkeypatch.setattr(time, "time", lambda: clock + 100)
        work.goes_on.set()
        await until(lambda: worker.reached == 1)

    run(killed)
    run(survives)

    assert made() == {"f-1": EARNS}


def test_a_claim_is_kept_up_while_the_work_goes_on(
    make: Make, work: Work, database: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claimed_until() -> int:
        key = {"forecast_id": {"S": "f-1"}}
        item = database.get_item(TableName=VARIABLES["RESULTS_TABLE"], Key=key)["Item"]
        return int(item["claimed_until"]["N"])

    async def play() -> None:
        worker = make(keep_every_seconds=0.05)
        work.goes_on.clear()
        looking = asyncio.create_task(worker.look_after())
        await take([worker], order(1))
        await until(lambda: work.begun == 1)
        before, clock = claimed_until(), time.time()
        monkeypatch.setattr(time, "time", lambda: clock + 1_000)
        await until(lambda: claimed_until() >= before + 900)
        work.goes_on.set()
        await until(lambda: worker.reached == 1)
        looking.cancel()

    run(play)


def test_the_work_on_one_that_hangs_ends_the_task(make: Make, work: Work) -> None:
    async def play() -> None:
        worker = make(keep_every_seconds=0.05, message_seconds=0.2)
        work.goes_on.clear()
        looking = asyncio.create_task(worker.look_after())
        await take([worker], order(1))
        try:
            with pytest.raises(HangingError, match="f-1"):
                async with asyncio.timeout(10):
                    await looking
        finally:
            work.goes_on.set()

    run(play)


def test_a_task_that_ends_settles_what_it_can_and_gives_back_the_rest(make: Make, made: Made, work: Work) -> None:
    async def play() -> None:
        worker, other = make(at_once=1), make()
        await take([worker], order(1))
        await until(lambda: worker.reached == 1)
        work.goes_on.clear()
        await take([worker], order(2), order(3))
        await until(lambda: work.begun == 2)

        await worker.drain(within_seconds=0.2)

        assert worker.reached == 1, "what was not done has to be heard again"
        # The claim is free at once: another task need not wait until it ends.
        await take([other], order(2))
        async with asyncio.timeout(CLAIM_SECONDS / 2):
            await until(lambda: work.begun == 3)
        work.goes_on.set()
        await until(lambda: other.reached == 2)

    run(play)

    assert made().keys() == {"f-1", "f-2"}


def test_a_task_that_is_full_takes_no_more(make: Make, work: Work) -> None:
    async def play() -> None:
        worker = make(held=3)
        work.goes_on.clear()
        await take([worker], order(1), order(2), order(3))
        fourth = asyncio.create_task(take([worker], order(4)))
        await asyncio.sleep(0.2)
        assert not fourth.done()
        assert worker.heard == 3
        work.goes_on.set()
        await fourth
        await until(lambda: worker.reached == 4)

    run(play)


def test_how_busy_it_is_is_known_while_it_works(make: Make, work: Work) -> None:
    async def play() -> None:
        worker = make()
        work.goes_on.clear()
        await take([worker], order(1), order(2))
        await until(lambda: work.begun == 2)
        before = worker.worked_seconds
        await asyncio.sleep(0.3)
        assert worker.worked_seconds - before >= 0.5, "two hands, for 0.3 s each"
        work.goes_on.set()
        await until(lambda: worker.reached == 2)
        after = worker.worked_seconds
        await asyncio.sleep(0.1)
        assert worker.worked_seconds == after

    run(play)


def test_a_position_never_goes_back(positions: Positions) -> None:
    read = [positions.read()]
    for reached in (5, 3, 7):
        positions.write(reached)
        read.append(positions.read())

    assert read == [None, 5, 5, 7]


def test_without_aws_nothing_is_settled_and_it_is_tried_again(
    make: Make, made: Made, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = results.claim
    is_down = threading.Event()
    is_down.set()

    def claims(*arguments: Any) -> object:  # noqa: ANN401  as it is called
        if is_down.is_set():
            message = "nobody answers"
            raise ConnectionError(message)
        return claim(*arguments)

    monkeypatch.setattr(results, "claim", claims)

    async def play() -> None:
        worker = make()
        await take([worker], order(1))
        await asyncio.sleep(0.2)
        assert worker.reached is None
        is_down.clear()
        await until(lambda: worker.reached == 1)

    with contextlib.suppress(asyncio.CancelledError):
        run(play)

    assert made() == {"f-1": EARNS}
