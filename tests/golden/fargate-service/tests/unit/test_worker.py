"""Every message is done once in effect and none is lost, whatever happens to its task meanwhile."""

from __future__ import annotations

import json
import logging
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from unit.patience import until

from forecast_orders import domain, message
from forecast_orders.results import Claim
from forecast_orders.worker import HungError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unit.conftest import Agent, Queue, Running

    from forecast_orders.results import Results

    type Start = Callable[..., Running]
    type Revenue = Callable[[str], int | None]


def ordered(forecast_id: str, *, seed: int = 7, parcels: int = 20) -> dict[str, object]:
    return {"version": 1, "forecast_id": forecast_id, "seed": seed, "parcels": parcels}


def earns(parcels: int = 20, seed: int = 7) -> int:
    return domain.tally(seed, range(parcels)).revenue_cents


class Gate:
    """Holds up the work on messages until it is opened, and knows how much is under way."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.entered: list[int] = []

    def tally(self, seed: int, numbers: range) -> domain.Tally:
        self.entered.append(seed)
        self.opened.wait(30)
        return domain.Tally(parcels=len(numbers), revenue_cents=1)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A gate before every piece of work; it opens when the test ends."""
    gate = Gate()
    monkeypatch.setattr(domain, "tally", gate.tally)
    yield gate
    gate.opened.set()


def test_a_message_is_done_and_gone(start: Start, queue: Queue, revenue: Revenue) -> None:
    queue.send(ordered("f-1"), ordered("f-2", parcels=30))
    start()

    until(lambda: queue.left() == (0, 0))

    assert (revenue("f-1"), revenue("f-2")) == (earns(20), earns(30))
    assert queue.letters() == []


def test_a_spike_is_done_by_and_by(start: Start, queue: Queue, revenue: Revenue) -> None:
    queue.send(*(ordered(f"f-{number}", seed=number + 1) for number in range(50)))
    start(at_once=10)

    until(lambda: queue.left() == (0, 0))

    assert [revenue(f"f-{number}") for number in range(50)] == [earns(seed=number + 1) for number in range(50)]


@pytest.mark.parametrize("at_once", [1, 3])
def test_as_many_messages_as_were_decided_are_worked_on_at_once(
    at_once: int, start: Start, queue: Queue, gate: Gate
) -> None:
    queue.send(*(ordered(f"f-{number}") for number in range(5)))
    start(at_once=at_once)

    until(lambda: len(gate.entered) == at_once)
    time.sleep(0.2)

    assert len(gate.entered) == at_once
    assert queue.left() == (5 - at_once, at_once)


def test_a_message_that_comes_twice_is_done_once(
    start: Start, queue: Queue, gate: Gate, revenue: Revenue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    queue.send(ordered("f-1"))
    start()
    until(lambda: gate.entered)
    queue.send(ordered("f-1"))
    until(lambda: "already at work" in caplog.messages)

    gate.opened.set()
    until(lambda: queue.left() == (0, 1))
    queue.send(ordered("f-1"))
    until(lambda: "already done" in caplog.messages)

    # The copy that came meanwhile stays hidden, should the first one fail; the one that came afterwards is gone.
    assert (gate.entered, revenue("f-1"), queue.left()) == ([7], 1, (0, 1))


def test_one_bad_message_holds_up_no_other_and_is_kept(
    start: Start, queue: Queue, revenue: Revenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, tried = domain.tally, []

    def fail_for_13(seed: int, numbers: range) -> domain.Tally:
        if seed == 13:
            tried.append(seed)
            raise ZeroDivisionError
        return count(seed, numbers)

    monkeypatch.setattr(domain, "tally", fail_for_13)
    queue.send(ordered("f-1", seed=13), ordered("f-2"), ordered("f-3"))
    start()

    until(queue.letters)
    until(lambda: queue.left() == (0, 0))

    assert tried == [13] * 5
    assert [message.read(letter).forecast_id for letter in queue.letters()] == ["f-1"]
    assert (revenue("f-1"), revenue("f-2"), revenue("f-3")) == (None, earns(), earns())


def test_a_message_that_failed_comes_back_later_each_time(
    start: Start, queue: Queue, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[float] = []

    def fail(*_: object) -> domain.Tally:
        began.append(time.monotonic())
        raise ZeroDivisionError

    monkeypatch.setattr(domain, "tally", fail)
    queue.send(ordered("f-1"))
    start(retry_seconds=1, longest_retry_seconds=2)

    until(lambda: len(began) == 3)

    first, second = [later - earlier for earlier, later in pairwise(began)]
    assert first >= 0.9
    assert second >= 1.9
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("no json", "not_json"),
        ({**ordered("f-1"), "version": 2}, "unknown_version"),
        ({**ordered("f-1"), "parcels": 0}, "wrong_shape"),
        (ordered("f-1", seed=8), "other_order"),
    ],
)
def test_what_can_never_succeed_is_kept_soon_and_says_why(
    body: object, reason: str, start: Start, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    queue.send(ordered("f-1"))
    # However long a failure would wait.
    start(retry_seconds=900)
    until(lambda: queue.left() == (0, 0))

    queue.send(body)
    until(lambda: caplog.messages.count("rejected") == 5 and queue.letters())

    reasons = [record.__dict__["fields"]["reason"] for record in caplog.records if record.message == "rejected"]
    assert reasons == [reason] * 5


def test_a_message_in_hand_stays_hidden_and_claimed_however_long_it_takes(
    start: Start, queue: Queue, gate: Gate, results: Results
) -> None:
    queue.send(ordered("f-1"))
    start(hidden_seconds=2, keep_every_seconds=0.2)
    until(lambda: gate.entered)

    seen = []
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        seen.append(queue.left())
        time.sleep(0.05)

    assert set(seen) == {(0, 1)}
    order = message.ForecastOrdered(version=1, forecast_id="f-1", seed=7, parcels=20)
    assert results.claim(order, "somebody") is Claim.OTHERS


def test_a_message_of_a_task_that_was_killed_is_done_by_another(
    start: Start, queue: Queue, results: Results, revenue: Revenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a task leaves behind that ends without a word: a message in hand and a claim, both for a while yet.
    queue.send(ordered("f-1"))
    queue.client.receive_message(QueueUrl=queue.url, VisibilityTimeout=2)
    order = message.ForecastOrdered(version=1, forecast_id="f-1", seed=7, parcels=20)
    monkeypatch.setattr(results, "_claim_seconds", 1)
    results.claim(order, "killed")
    monkeypatch.undo()

    start()
    until(lambda: queue.left() == (0, 0))

    assert revenue("f-1") == earns()


def test_a_task_that_is_told_to_stop_finishes_what_is_in_hand_and_takes_no_more(
    start: Start, queue: Queue, gate: Gate, revenue: Revenue
) -> None:
    queue.send(ordered("f-1"))
    running = start(at_once=1)
    until(lambda: gate.entered)
    queue.send(ordered("f-2"))

    running.stopping.set()
    time.sleep(0.2)
    gate.opened.set()
    running.stop()

    assert (revenue("f-1"), revenue("f-2")) == (1, None)
    assert queue.left() == (1, 0)
    assert running.raised == []


def test_what_is_not_finished_in_time_is_given_back_at_once(
    start: Start, queue: Queue, gate: Gate, results: Results, caplog: pytest.LogCaptureFixture
) -> None:
    queue.send(ordered("f-1"))
    running = start(drain_seconds=0.3)
    until(lambda: gate.entered)

    running.stop()

    assert queue.left() == (1, 0)
    order = message.ForecastOrdered(version=1, forecast_id="f-1", seed=7, parcels=20)
    assert results.claim(order, "another task") is Claim.OURS
    assert "given back" in [record.message for record in caplog.records]
    # The thread that was left alone finds its claim lost and leaves the other task's in peace.
    gate.opened.set()
    until(lambda: not [thread for thread in threading.enumerate() if thread.name.count("-") == 4])
    assert results.claim(order, "a third") is Claim.OTHERS


def test_a_message_that_hangs_ends_the_task_and_comes_back(start: Start, queue: Queue, gate: Gate) -> None:
    queue.send(ordered("f-1"))
    running = start(message_seconds=0.3)
    until(lambda: gate.entered)

    until(lambda: running.raised)

    assert isinstance(running.raised[0], HungError)
    assert queue.left() == (1, 0)


def test_a_task_is_protected_before_it_works_and_not_when_it_has_nothing_to_do(
    start: Start, queue: Queue, gate: Gate, agent: Agent
) -> None:
    start()
    time.sleep(0.2)
    assert agent.held() == []

    queue.send(ordered("f-1"))
    until(lambda: gate.entered)
    assert agent.held() == [True]

    gate.opened.set()
    until(lambda: queue.left() == (0, 0))
    until(lambda: len(agent.held()) == 2)
    assert agent.held() == [True, False]
    assert [wish.get("ExpiresInMinutes") for wish in agent.asked] == [10, None]
    assert {wish["path"] for wish in agent.asked} == {"/api/task/task-protection/v1/state"}


def test_a_task_that_ecs_is_about_to_stop_does_not_begin(
    start: Start, queue: Queue, gate: Gate, agent: Agent, revenue: Revenue
) -> None:
    agent.refuses = True
    queue.send(ordered("f-1"))
    start()
    until(lambda: agent.asked)
    time.sleep(0.2)
    assert gate.entered == []

    agent.refuses = False
    gate.opened.set()
    until(lambda: revenue("f-1"))


def test_a_busy_task_lets_ecs_stop_it_now_and_then_but_never_with_a_message_in_hand(
    start: Start, queue: Queue, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work: list[bool] = []

    def work(_: int, numbers: range) -> domain.Tally:
        at_work.append(agent.held()[-1])
        time.sleep(0.02)
        at_work.append(agent.held()[-1])
        return domain.Tally(parcels=len(numbers))

    monkeypatch.setattr(domain, "tally", work)
    queue.send(*(ordered(f"f-{number}") for number in range(60)))
    start(stretch_seconds=0.2)
    until(lambda: queue.left() == (0, 0))

    assert at_work == [True] * 120
    assert agent.held().count(False) >= 3


def test_metrics_say_what_became_of_messages_and_how_long_it_took(
    start: Start, queue: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    queue.send(ordered("f-1"), ordered("f-2"), "no json")
    running = start()
    until(queue.letters)
    until(lambda: queue.left() == (0, 0))
    running.stop()

    metrics = _metrics(capsys.readouterr().out)

    assert (metrics["Done"], metrics["Failed"], metrics["Rejected"]) == (2, 0, 5)
    assert len(metrics["Seconds"]) == 2
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service", "environment"]]


def _metrics(said: str) -> dict[str, Any]:
    [line] = [json.loads(text) for text in said.splitlines() if '"_aws"' in text]
    return dict(line)
