"""Steps as the workflow asks for them, good and bad: each is done once, goes on where it was, or is refused."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, cast

import pytest
from unit.account import StepContext, checkpoints

from {{ package_name }} import domain
from {{ package_name }}.event import RejectedError
from {{ package_name }}.handlers import workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Saved = Callable[[], list[dict[str, Any]]]
    type LogLines = Callable[[], list[dict[str, Any]]]

__all__ = ["checkpoints"]

ORDER = {"version": 1, "seed": 7, "parcels": 250}
CHUNK = {"seed": 7, "start": 1_000, "stop": 1_095}
WORK = {"step": "work", "run": "run-1", "chunk": CHUNK}
WHOLE = domain.tally(7, range(1_000, 1_095))

pytestmark = pytest.mark.usefixtures("checkpoints")


class KilledError(Exception):
    """What happens to a step in the middle of its work."""


def do(event: object, context: StepContext | None = None) -> dict[str, Any]:
    """Do one step, with plenty of time unless said."""
    given = cast("LambdaContext", context or StepContext())
    answer: dict[str, Any] = workflow.lambda_handler(cast("dict[str, object]", event), given)
    return answer


def pages(monkeypatch: pytest.MonkeyPatch, *, killed_at: int | None = None) -> list[range]:
    """Record which pages are counted; the step is killed when it begins the one with this number."""
    counted: list[range] = []
    tally = domain.tally

    def recorded(seed: int, numbers: range) -> domain.Tally:
        if len(counted) == killed_at:
            raise KilledError
        counted.append(numbers)
        return tally(seed, numbers)

    monkeypatch.setattr(domain, "tally", recorded)
    return counted


def test_an_order_is_cut_into_chunks(event: dict[str, Any]) -> None:
    chunks = do(event)["chunks"]

    assert [(chunk["start"], chunk["stop"]) for chunk in chunks] == [(0, 100), (100, 200), (200, 250)]
    assert {chunk["seed"] for chunk in chunks} == {7}


def test_the_largest_order_fits_the_state_of_a_workflow() -> None:
    answer = do({"step": "plan", "run": "run-1", "order": {"version": 1, "seed": 10**10, "parcels": 10**10}})

    # Chunks and tallies stand in the state side by side.
    assert 2 * len(json.dumps(answer)) < 256 * 1024


def test_a_chunk_is_worked_on_to_its_end() -> None:
    assert do(WORK) == {"done": True, "tally": {"parcels": 95, "revenue_cents": WHOLE.revenue_cents}}


def test_a_step_ends_in_time_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = pages(monkeypatch)

    first = do(WORK, StepContext(remaining_ms=75_000))
    second = do(WORK)

    assert (first["done"], first["tally"]["parcels"]) == (False, 20)
    assert (second["done"], second["tally"]["revenue_cents"]) == (True, WHOLE.revenue_cents)
    assert [page.start for page in counted] == list(range(1_000, 1_095, 10))


def test_a_step_gets_on_however_little_time_it_has() -> None:
    answers = [do(WORK, StepContext(remaining_ms=0)) for _ in range(10)]

    assert [answer["tally"]["parcels"] for answer in answers] == [*range(10, 100, 10), 95]
    assert [answer["done"] for answer in answers] == [False] * 9 + [True]


def test_a_step_that_was_killed_goes_on_from_its_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = pages(monkeypatch, killed_at=4)
    with pytest.raises(KilledError):
        do(WORK)

    monkeypatch.undo()
    again = pages(monkeypatch)
    answer = do(WORK)

    assert answer == {"done": True, "tally": {"parcels": 95, "revenue_cents": WHOLE.revenue_cents}}
    assert [page.start for page in counted + again] == list(range(1_000, 1_095, 10))


def test_a_step_that_comes_twice_is_worked_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = do(WORK)

    counted = pages(monkeypatch)

    assert do(WORK) == first
    assert counted == []


def test_a_step_that_was_overtaken_takes_nothing_back(monkeypatch: pytest.MonkeyPatch, checkpoints: Saved) -> None:
    counted = pages(monkeypatch, killed_at=2)
    with pytest.raises(KilledError):
        do(WORK)
    monkeypatch.undo()
    tally = domain.tally

    def slow(seed: int, numbers: range) -> domain.Tally:
        monkeypatch.undo()
        do(WORK)
        return tally(seed, numbers)

    monkeypatch.setattr(domain, "tally", slow)
    answer = do(WORK, StepContext(remaining_ms=0))

    assert len(counted) == 2
    assert answer["tally"]["parcels"] == 30
    assert [item["done_to"]["N"] for item in checkpoints()] == ["1095"]


def test_runs_and_chunks_do_not_share_checkpoints(checkpoints: Saved) -> None:
    do(WORK, StepContext(remaining_ms=0))

    others = [{**WORK, "run": "run-2"}, {**WORK, "chunk": {"seed": 7, "start": 0, "stop": 95}}]

    assert [do(other, StepContext(remaining_ms=0))["tally"]["parcels"] for other in others] == [10, 10]
    assert len(checkpoints()) == 3


def test_a_checkpoint_is_forgotten_some_time_after_it_was_saved(checkpoints: Saved) -> None:
    do(WORK)

    [item] = checkpoints()
    assert 0 < int(item["expires_at"]["N"]) - time.time() <= workflow.settings.checkpoint_seconds


def test_the_chunks_are_added_up() -> None:
    tallies = [{"parcels": 100, "revenue_cents": 5}, {"parcels": 50, "revenue_cents": 3}]

    assert do({"step": "finish", "run": "run-1", "tallies": tallies}) == {"parcels": 150, "revenue_cents": 8}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({}, "wrong_shape"),
        ([], "wrong_shape"),
        (None, "wrong_shape"),
        ("plan", "wrong_shape"),
        ({"Records": []}, "wrong_shape"),
        ({"step": "sleep", "run": "run-1"}, "wrong_shape"),
        ({"step": "plan", "run": "run-1"}, "wrong_shape"),
        ({"step": "plan", "run": "", "order": ORDER}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": "nonsense"}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {"version": 1, "seed": 7}}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "colour": "red"}}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "parcels": 0}}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "parcels": 1.5}}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "parcels": "250"}}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "parcels": 10**400}}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "parcels": float("inf")}}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "seed": -1}}, "wrong_shape"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "version": 2}}, "unknown_version"),
        ({"step": "plan", "run": "run-1", "order": {**ORDER, "version": None}}, "unknown_version"),
        ({**WORK, "chunk": {**CHUNK, "stop": 1_000}}, "wrong_shape"),
        ({**WORK, "chunk": {**CHUNK, "start": -1}}, "wrong_shape"),
        ({"step": "finish", "run": "run-1", "tallies": []}, "wrong_shape"),
        ({"step": "finish", "run": "run-1", "tallies": [{"parcels": 1}, None]}, "wrong_shape"),
    ],
)
def test_what_can_never_succeed_is_refused_with_the_reason(
    event: object,
    reason: str,
    log_lines: LogLines,
    checkpoints: Saved,
) -> None:
    with pytest.raises(RejectedError, match=f"^{reason}: "):
        do(event)

    [line] = [line for line in log_lines() if line["message"] == "rejected"]
    assert (line["level"], line["reason"]) == ("WARNING", reason)
    assert checkpoints() == []


def test_the_run_is_in_every_log_line(log_lines: LogLines) -> None:
    do(WORK)

    assert {line["correlation_id"] for line in log_lines()} == {"run-1"}


def test_a_step_that_fails_is_logged_and_raised_for_the_workflow_to_try_again(
    monkeypatch: pytest.MonkeyPatch,
    log_lines: LogLines,
) -> None:
    pages(monkeypatch, killed_at=0)

    with pytest.raises(KilledError):
        do(WORK)

    [line] = log_lines()
    assert (line["level"], line["message"]) == ("ERROR", "failed")
    assert "KilledError" in line["exception"]


@pytest.mark.parametrize(
    ("event", "killed_at", "outcome"),
    [(WORK, None, "Done"), ({}, None, "Rejected"), (WORK, 0, "Failed")],
)
def test_every_step_is_counted_by_its_outcome(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    event: dict[str, Any],
    killed_at: int | None,
    outcome: str,
) -> None:
    pages(monkeypatch, killed_at=killed_at)

    with contextlib.suppress(RejectedError, KilledError):
        do(event)

    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[outcome] for line in metrics if outcome in line] == [[1.0]]
