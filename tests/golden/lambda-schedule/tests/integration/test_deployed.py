"""What is deployed does a run as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    type Logged = Callable[[str], list[dict[str, Any]]]

PATIENCE_SECONDS = 30


@pytest.fixture
def logged(outputs: dict[str, str], region: str) -> Logged:
    """Read from the function's log the lines with some words; a line takes some seconds to come."""
    logs = boto3.client("logs", region_name=region)

    def logged(words: str) -> list[dict[str, Any]]:
        group = f"/aws/lambda/{outputs['FunctionName']}"
        found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{words}"')
        return [json.loads(line["message"]) for line in found["events"]]

    return logged


def test_a_run_that_is_started_twice_is_done_once(outputs: dict[str, str], region: str, logged: Logged) -> None:
    functions = boto3.client("lambda", region_name=region)
    due = datetime.now(UTC).isoformat()
    payload = json.dumps({"version": 1, "due": due})

    for _ in range(2):
        functions.invoke(FunctionName=outputs["FunctionName"], InvocationType="RequestResponse", Payload=payload)

    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and not logged(due):
        time.sleep(1)
    assert len([line for line in logged(due) if line["message"] == "published"]) == 1


def test_the_schedule_is_there_and_keeps_what_it_cannot_deliver(outputs: dict[str, str], region: str) -> None:
    schedule = boto3.client("scheduler", region_name=region).get_schedule(Name=outputs["ScheduleName"])

    assert schedule["Target"]["DeadLetterConfig"]["Arn"].endswith(outputs["DeadLettersUrl"].rpartition("/")[2])
