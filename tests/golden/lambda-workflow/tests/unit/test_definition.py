"""The workflow as workflow.asl.json has it, run with the real steps: to its end, through failures, to a stop.

Only the pauses between two attempts are shorter here.
"""

from __future__ import annotations

import json
import time
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from unit.account import FUNCTION_ARN, Function, checkpoints, function

from tariff_forecasts import domain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["checkpoints", "function"]

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
ORDER = {"version": 1, "seed": 7, "parcels": 250}
RESULT = {"parcels": 250, "revenue_cents": domain.tally(7, range(250)).revenue_cents}


class KilledError(Exception):
    """Stands for what Lambda answers when it has stopped a step."""


class Workflow:
    """The state machine in the account of this process, and what it keeps of failed runs."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self._queue = boto3.client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]
        text = json.dumps(definition).replace("${FunctionArn}", FUNCTION_ARN).replace("${DeadLettersUrl}", self._queue)
        self._client = boto3.client("stepfunctions")
        created = self._client.create_state_machine(
            name="workflow",
            definition=text,
            roleArn="arn:aws:iam::123456789012:role/workflow",
        )
        self._arn = created["stateMachineArn"]

    def run(self, order: object) -> dict[str, Any]:
        """Start a run and return how it ended."""
        started = self._client.start_execution(stateMachineArn=self._arn, name="run", input=json.dumps(order))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self._client.describe_execution(executionArn=started["executionArn"])
            if found["status"] != "RUNNING":
                return dict(found)
            time.sleep(0.02)
        pytest.fail(f"the run did not end in {PATIENCE_SECONDS} s")

    def kept(self) -> list[dict[str, Any]]:
        """Return what the dead-letter queue holds."""
        found = boto3.client("sqs").receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]

    def delete(self) -> None:
        """Take it away, with what it kept."""
        self._client.delete_state_machine(stateMachineArn=self._arn)
        boto3.client("sqs").delete_queue(QueueUrl=self._queue)


@pytest.fixture
def workflow(function: Function) -> Iterator[Workflow]:
    """The definition, deployed, with its function behind it."""
    assert function.steps == []
    definition = json.loads((ROOT / "workflow.asl.json").read_text(encoding="utf-8"))
    workflow = Workflow(_impatient(definition))
    yield workflow
    workflow.delete()


def test_a_run_counts_every_parcel_once(workflow: Workflow, function: Function) -> None:
    ended = workflow.run(ORDER)

    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"]) == RESULT
    assert _steps(function) == {"plan": 1, "work": 3, "finish": 1}
    assert {step["run"] for step in function.steps} == {ended["executionArn"]}
    assert workflow.kept() == []


def test_a_chunk_longer_than_a_step_takes_several(
    workflow: Workflow,
    function: Function,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = _pages(monkeypatch)
    # A step has time for two pages; two chunks have ten, one has five.
    function.page_ms = 425_000

    ended = workflow.run(ORDER)

    assert json.loads(ended["output"]) == RESULT
    assert _steps(function) == {"plan": 1, "work": 13, "finish": 1}
    assert len(counted) == len(set(counted)) == 25


def test_a_step_that_was_killed_is_tried_again_from_its_checkpoint(
    workflow: Workflow,
    function: Function,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = _pages(monkeypatch, killed_at=2)

    ended = workflow.run(ORDER)

    assert json.loads(ended["output"]) == RESULT
    assert _steps(function) == {"plan": 1, "work": 4, "finish": 1}
    assert len(counted) == len(set(counted)) == 25


def test_a_step_that_fails_for_a_while_is_tried_again(workflow: Workflow, function: Function) -> None:
    function.fail = _failing(ConnectionError, "finish", times=2)

    ended = workflow.run(ORDER)

    assert ended["status"] == "SUCCEEDED"
    assert _steps(function)["finish"] == 3


@pytest.mark.parametrize("step", ["plan", "work", "finish"])
def test_a_step_that_keeps_failing_ends_the_run_which_is_kept(
    workflow: Workflow,
    function: Function,
    step: str,
) -> None:
    function.fail = _failing(ConnectionError, step)

    ended = workflow.run({**ORDER, "parcels": 50})

    assert (ended["status"], ended["error"]) == ("FAILED", "ConnectionError")
    assert _steps(function)[step] == 7
    [kept] = workflow.kept()
    assert (kept["run"], kept["order"]) == (ended["executionArn"], {**ORDER, "parcels": 50})
    assert kept["failure"]["Error"] == "ConnectionError"


@pytest.mark.parametrize("order", [None, [], "nonsense", {}, {**ORDER, "version": 2}, {**ORDER, "parcels": 10**40}])
def test_a_bad_order_is_tried_once_and_kept(workflow: Workflow, function: Function, order: object) -> None:
    ended = workflow.run(order)

    assert (ended["status"], ended["error"]) == ("FAILED", "RejectedError")
    assert _steps(function) == {"plan": 1}
    [kept] = workflow.kept()
    assert (kept["order"], kept["failure"]["Error"]) == (order, "RejectedError")


def _impatient(definition: dict[str, Any]) -> dict[str, Any]:
    hurried = deepcopy(definition)
    states = [*hurried["States"].values(), *hurried["States"]["ForEachChunk"]["ItemProcessor"]["States"].values()]
    for retrier in [retrier for state in states for retrier in state.get("Retry", [])]:
        if "IntervalSeconds" in retrier:
            retrier.update(IntervalSeconds=1, MaxDelaySeconds=1)
    return hurried


def _steps(function: Function) -> dict[str, int]:
    names = [step["step"] for step in function.steps]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _failing(error: type[Exception], step: str, times: int = 1_000) -> Callable[[dict[str, Any]], None]:
    failures = iter(range(times))

    def fail(event: dict[str, Any]) -> None:
        if event["step"] == step and next(failures, None) is not None:
            raise error

    return fail


def _pages(monkeypatch: pytest.MonkeyPatch, *, killed_at: int | None = None) -> list[range]:
    """Record which pages are counted; Lambda stops the step that begins the one with this number, once."""
    counted: list[range] = []
    tally = domain.tally
    kills = [killed_at]

    def recorded(seed: int, numbers: range) -> domain.Tally:
        if len(counted) in kills:
            kills.clear()
            raise KilledError
        counted.append(numbers)
        return tally(seed, numbers)

    monkeypatch.setattr(domain, "tally", recorded)
    return counted
