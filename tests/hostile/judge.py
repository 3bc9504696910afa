"""Gives hostile events to the handler of a rendered repository, as one of its unit tests.

Whatever comes, a handler answers or says in its log why it does not; it never crashes. It is copied into
`tests/unit` of a rendered repository, with `events.py`, by `test_hostile_events.py`.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from unit.hostile_events import hostile_events

if TYPE_CHECKING:
    from collections.abc import Callable

if importlib.util.find_spec("unit.dynamodb"):
    from unit.dynamodb import records  # noqa: F401  a fixture
if importlib.util.find_spec("unit.account"):
    from unit.account import StepContext, checkpoints  # noqa: F401  a fixture
if IS_DURABLE := importlib.util.find_spec("aws_durable_execution_sdk_python_testing") is not None:
    from unit.test_workflow import aws  # noqa: F401  a fixture

[MODULE] = [
    importlib.import_module(f"{path.parents[1].name}.handlers.{path.stem}")
    for path in (Path(__file__).parents[2] / "src").glob("*/handlers/*.py")
    if path.stem != "__init__"
]
# The log lines that say why an event was not worked on.
REJECTED = {"rejected", "refused", "not an SQS event", "not an HTTP API event", "not a WebSocket event"}
# What a well-formed event names may be gone: a bucket, an object.
GONE = {400, 404}


@pytest.fixture
def account(request: pytest.FixtureRequest) -> None:
    """What the handler may ask of AWS: tables in this process, and where there are none an empty answer."""
    for fixture in {"records", "checkpoints"} & globals().keys():
        request.getfixturevalue(fixture)
    for name in {"table", "clients"} & vars(MODULE).keys():
        events = vars(MODULE)[name].meta.events
        events.register("before-call", lambda **_: (AWSResponse("", 200, {}, None), {"Items": []}))


@pytest.fixture
def invoke(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Give the handler an event as Lambda does: as a call, or as an execution whose end is waited for."""
    if IS_DURABLE:
        service = request.getfixturevalue("aws")
        return lambda hostile: ended(service.do(hostile))
    given = StepContext() if "StepContext" in globals() else request.getfixturevalue("context")
    return lambda hostile: MODULE.lambda_handler(hostile, given)


def ended(execution: Any) -> Any:
    """Return what an execution made, or raise what it failed with."""
    if execution.error is not None:
        raise RuntimeError(execution.error.type, execution.error.message)
    return json.loads(execution.result)


# The executions of one process publish their metrics together.
@pytest.mark.filterwarnings("ignore:No application metrics to publish")
@pytest.mark.usefixtures("account")
def test_no_event_crashes_the_handler(invoke: Callable[[Any], Any], log_lines: Any) -> None:
    crashed, rejected = {}, 0
    [sample] = (Path(__file__).parents[1] / "events").glob(f"{MODULE.__name__.rpartition('.')[2]}.json")
    for name, hostile in hostile_events(json.loads(sample.read_text(encoding="utf-8"))):
        outcome = outcome_of(hostile, invoke)
        said = [line for line in log_lines() if line["message"] in REJECTED | {"failed"}]
        forget(MODULE.logger.registered_handler.stream)
        rejected += bool(said)
        if problem := problem_with(outcome, said):
            crashed[name] = problem

    assert not crashed, "\n" + "\n".join(f"- {name}: {problem}" for name, problem in crashed.items())
    assert rejected > 50, "the sample has too little to spoil, or bad events are taken for good ones"


def outcome_of(hostile: Any, invoke: Callable[[Any], Any]) -> Any:
    """Return what the handler answers, or raises."""
    try:
        return invoke(hostile)
    except Exception as error:  # noqa: BLE001  what it is, is judged
        return error


def forget(log: Any) -> None:
    log.seek(0)
    log.truncate()


def problem_with(outcome: Any, said: list[dict[str, Any]]) -> str:
    """Say what is wrong with an outcome; nothing when it is an answer, or the log explains the rejection."""
    explained = any(line["message"] in REJECTED for line in said)
    if isinstance(outcome, ClientError):
        gone = outcome.response["ResponseMetadata"]["HTTPStatusCode"] in GONE
        return "" if gone else repr(outcome)
    if isinstance(outcome, Exception):
        return "" if explained else f"{type(outcome).__name__}: {str(outcome)[:200]}"
    if any(line["message"] == "failed" for line in said):
        return f"failed: {said[-1].get('exception', '')[-300:]}"
    if is_a_refusal(outcome) and not explained:
        return f"{outcome} without a reason in the log"
    # The runtime sends the answer on, as JSON.
    json.dumps(outcome, allow_nan=False)
    return ""


def is_a_refusal(outcome: Any) -> bool:
    answer = outcome if isinstance(outcome, dict) else {}
    return bool(answer.get("batchItemFailures")) or answer.get("statusCode", 200) >= 400
