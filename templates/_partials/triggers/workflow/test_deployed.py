"""What is deployed runs as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest

PATIENCE_SECONDS = 60


def test_a_run_gives_the_result_that_its_seed_always_gives(outputs: dict[str, str], region: str) -> None:
    ended = _run(outputs, region, {"version": 1, "seed": 7, "parcels": 250})

    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"]) == {"parcels": 250, "revenue_cents": 1_289_890}


def _run(outputs: dict[str, str], region: str, order: object) -> dict[str, Any]:
    workflows = boto3.client("stepfunctions", region_name=region)
    started = workflows.start_execution(stateMachineArn=outputs["WorkflowArn"], input=json.dumps(order))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = workflows.describe_execution(executionArn=started["executionArn"])
        if found["status"] != "RUNNING":
            return dict(found)
        time.sleep(1)
    pytest.fail(f"the run did not end in {PATIENCE_SECONDS} s")
