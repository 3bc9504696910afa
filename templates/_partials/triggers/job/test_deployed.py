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


{% include "templates/_partials/asynchronous/test_log.py" %}


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
