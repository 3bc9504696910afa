"""What is deployed does a job as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time
import uuid
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


def test_a_job_that_is_started_twice_is_done_once(outputs: dict[str, str], region: str, logged: Logged) -> None:
    functions = boto3.client("lambda", region_name=region)
    job_id = str(uuid.uuid4())
    job = json.dumps({"version": 1, "job_id": job_id, "zone": "domestic", "weights_grams": [1200]})

    functions.invoke(FunctionName=outputs["FunctionName"], InvocationType="Event", Payload=job)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and not logged(job_id):
        time.sleep(1)
    functions.invoke(FunctionName=outputs["FunctionName"], InvocationType="RequestResponse", Payload=job)

    assert [line["total_cents"] for line in logged(job_id) if line["message"] == "priced"] == [510]
