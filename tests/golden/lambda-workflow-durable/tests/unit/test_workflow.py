"""Whole runs under Lambda's durable executions: to the end, through pauses, failures and kills, or refused.

The SDK for tests stands for Lambda; it keeps checkpoints, replays and starts chunks, and only its pauses take no time.
"""

from __future__ import annotations

import itertools
import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.model import LambdaContext
from aws_durable_execution_sdk_python_testing.stores.memory import InMemoryExecutionStore

from tariff_forecasts import domain
from tariff_forecasts.event import Reason, RejectedError
from tariff_forecasts.handlers import workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_durable_execution_sdk_python_testing.execution import Execution
    from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestResult

    type LogLines = Callable[[], list[dict[str, Any]]]

FUNCTION = "workflow"
ORDER = {"version": 1, "seed": 7, "parcels": 250}
CHUNK = {"seed": 7, "start": 1_000, "stop": 1_095}
WORK = {"run": "run-1", "chunk": CHUNK}
RESULT = {"parcels": 250, "revenue_cents": domain.tally(7, range(250)).revenue_cents}
CHUNK_RESULT = {"parcels": 95, "revenue_cents": domain.tally(7, range(1_000, 1_095)).revenue_cents}
ATTEMPTS = 7
NEVER = datetime.max.replace(tzinfo=UTC)

# Chunks are side by side in this one process; the first to end publishes the metrics of all.
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")


class KilledError(BaseException):
    """What happens to a process in the middle of a step; nothing can catch it."""


def invoke(event: object, context: LambdaContext) -> object:
    """Call the function as Lambda does, for which a process that died is an invocation that failed."""
    try:
        return workflow.lambda_handler(event, context)
    except KilledError as error:
        message = "Runtime.ExitError"
        raise RuntimeError(message) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambda:
    """Lambda with this service's function and all its executions."""

    runner: DurableFunctionTestRunner
    store: InMemoryExecutionStore

    def do(self, event: object) -> DurableFunctionTestResult:
        """Start an execution and return how it ended."""
        return self.runner.run(json.dumps(event), function_name=FUNCTION)

    def chunks(self) -> list[Execution]:
        """Return the executions that a run started."""
        return [execution for execution in self.store.list_all() if execution.parent_execution_arn]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """Lambda, without executions yet."""
    monkeypatch.setattr(Executor, "RETRY_BACKOFF_SECONDS", 0)
    store = InMemoryExecutionStore()
    with closing(DurableFunctionTestRunner(invoke, poll_interval=0.01, store=store, region="us-east-1")) as runner:
        runner.register_durable_function(FUNCTION, invoke)
        yield Lambda(runner=runner, store=store)


def pages(monkeypatch: pytest.MonkeyPatch, fail: Callable[[int], BaseException | None]) -> list[int]:
    """Record where each counted page starts; an attempt fails with what `fail` makes of that, if anything."""
    counted: list[int] = []
    tally = domain.tally

    def recorded(seed: int, numbers: range) -> domain.Tally:
        error = fail(numbers.start)
        if error is not None:
            raise error
        counted.append(numbers.start)
        return tally(seed, numbers)

    monkeypatch.setattr(domain, "tally", recorded)
    return counted


def failing(start: int, error: type[BaseException], times: int = 1_000) -> Callable[[int], BaseException | None]:
    """Fail the page that starts there, so many times."""
    left = iter(range(times))
    return lambda at: error() if at == start and next(left, None) is not None else None


def operations(ended: DurableFunctionTestResult) -> list[tuple[str, str | None]]:
    """Return what an execution did, in order."""
    found = sorted(ended.get_all_operations(), key=lambda operation: operation.start_timestamp or NEVER)
    return [(operation.operation_type.value, operation.name) for operation in found]


def test_a_run_counts_every_parcel_once(aws: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = pages(monkeypatch, lambda _: None)

    ended = aws.do(ORDER)

    assert ended.status.value == "SUCCEEDED"
    assert json.loads(ended.result or "") == RESULT
    assert sorted(counted) == list(range(0, 250, 10))
    assert len(aws.chunks()) == 3


def test_a_chunk_is_worked_on_a_page_a_step(aws: Lambda) -> None:
    ended = aws.do(WORK)

    assert json.loads(ended.result or "") == CHUNK_RESULT
    assert operations(ended) == [("STEP", f"page-{start}") for start in range(1_000, 1_095, 10)]


def test_a_chunk_longer_than_an_invocation_takes_several(aws: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = pages(monkeypatch, lambda _: None)
    # Each invocation has time for two pages.
    left = itertools.cycle([100_000, 0])
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda _self: next(left))

    ended = aws.do(WORK)

    assert json.loads(ended.result or "") == CHUNK_RESULT
    assert [kind for kind, _ in operations(ended)].count("WAIT") == 4
    assert counted == list(range(1_000, 1_095, 10))


def test_an_invocation_gets_on_however_little_time_it_has(aws: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda _self: 0)

    assert json.loads(aws.do(WORK).result or "") == CHUNK_RESULT


def test_no_more_chunks_are_at_work_than_the_setting_says(aws: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work: list[int] = []

    def look(_: int) -> None:
        at_work.append(sum(not chunk.is_complete for chunk in aws.chunks()))

    pages(monkeypatch, look)

    aws.do({**ORDER, "parcels": 500})

    assert max(at_work) == workflow.settings.chunks_at_once


def test_a_step_that_fails_for_a_while_is_tried_again(aws: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = pages(monkeypatch, failing(120, ConnectionError, times=2))

    ended = aws.do(ORDER)

    assert json.loads(ended.result or "") == RESULT
    assert sorted(counted) == list(range(0, 250, 10))


@pytest.mark.parametrize("error", [ConnectionError, KilledError])
def test_a_step_that_keeps_failing_or_dying_ends_the_run(
    aws: Lambda,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    attempts: list[int] = []

    def fail(start: int) -> BaseException | None:
        attempts.append(start)
        return error() if start == 20 else None

    counted = pages(monkeypatch, fail)

    ended = aws.do({**ORDER, "parcels": 50})

    assert ended.status.value == "FAILED"
    assert attempts.count(20) == ATTEMPTS
    assert counted == [0, 10]


@pytest.mark.parametrize("start", [0, 40, 90])
def test_a_run_that_was_killed_goes_on_where_it_was_and_does_the_same(
    aws: Lambda,
    monkeypatch: pytest.MonkeyPatch,
    start: int,
) -> None:
    counted = pages(monkeypatch, failing(start, KilledError, times=1))

    ended = aws.do({"run": "run-1", "chunk": {"seed": 7, "start": 0, "stop": 100}})

    # Whatever decides outside a step must decide the same again; the SDK refuses a replay that does other operations.
    assert operations(ended) == [("STEP", f"page-{page}") for page in range(0, 100, 10)]
    assert json.loads(ended.result or "")["parcels"] == 100
    assert counted == list(range(0, 100, 10))


def test_attempts_are_more_and_more_apart_at_random_and_come_to_an_end() -> None:
    for attempt in range(1, ATTEMPTS):
        longest = min(300, 2 * 2 ** (attempt - 1))
        delays = {workflow.try_again(ConnectionError(), attempt).delay_seconds for _ in range(500)}
        assert max(delays) <= longest
        assert min(delays) <= longest / 4 + 1
        assert len(delays) > longest / 4

    assert not workflow.try_again(ConnectionError(), ATTEMPTS).should_retry


def test_what_can_never_succeed_is_not_tried_again() -> None:
    assert not workflow.try_again(RejectedError(Reason.WRONG_SHAPE, "whatever"), 1).should_retry


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({}, "wrong_shape"),
        ([], "wrong_shape"),
        (None, "wrong_shape"),
        ("nonsense", "wrong_shape"),
        ({"Records": []}, "wrong_shape"),
        ({"version": 1, "seed": 7}, "wrong_shape"),
        ({**ORDER, "colour": "red"}, "wrong_shape"),
        ({**ORDER, "parcels": 0}, "wrong_shape"),
        ({**ORDER, "parcels": 1.5}, "wrong_shape"),
        ({**ORDER, "parcels": "250"}, "wrong_shape"),
        ({**ORDER, "parcels": 10**400}, "wrong_shape"),
        ({**ORDER, "parcels": float("inf")}, "wrong_shape"),
        ({**ORDER, "seed": -1}, "wrong_shape"),
        ({**ORDER, "version": 2}, "unknown_version"),
        ({**ORDER, "version": None}, "unknown_version"),
        ({"chunk": CHUNK}, "wrong_shape"),
        ({**WORK, "run": ""}, "wrong_shape"),
        ({**WORK, "chunk": "all"}, "wrong_shape"),
        ({**WORK, "chunk": {**CHUNK, "stop": 1_000}}, "wrong_shape"),
        ({**WORK, "chunk": {**CHUNK, "start": -1}}, "wrong_shape"),
    ],
)
def test_what_can_never_succeed_fails_at_once_with_the_reason(
    aws: Lambda,
    event: object,
    reason: str,
    log_lines: LogLines,
) -> None:
    ended = aws.do(event)

    assert ended.status.value == "FAILED"
    assert ended.error is not None
    assert str(ended.error.type).endswith("RejectedError")
    assert str(ended.error.message).startswith(f"{reason}: ")
    [line] = log_lines()
    assert (line["level"], line["message"], line["reason"]) == ("WARNING", "rejected", reason)
    assert operations(ended) == []


def test_a_replay_says_nothing_again_and_every_line_has_the_run(aws: Lambda, log_lines: LogLines) -> None:
    aws.do({**ORDER, "parcels": 50})

    assert [line["message"] for line in log_lines()] == ["planned", "worked", "finished"]
    assert len({line["correlation_id"] for line in log_lines()}) == 1


@pytest.mark.parametrize(("event", "outcome"), [(WORK, "Done"), ({}, "Rejected")])
def test_every_execution_is_counted_by_its_outcome(
    aws: Lambda,
    capsys: pytest.CaptureFixture[str],
    event: object,
    outcome: str,
) -> None:
    aws.do(event)

    assert counts(capsys) == [outcome]


def test_a_pause_is_no_failure(
    aws: Lambda,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages(monkeypatch, failing(1_000, ConnectionError))

    aws.do(WORK)

    assert counts(capsys) == ["Suspended"] * (ATTEMPTS - 1) + ["Failed"]


def counts(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the names of the service's metrics, in order."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    names = [metric["Name"] for line in lines for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    return [name for name in names if name != "ColdStart"]
