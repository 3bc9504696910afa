"""What is deployed runs as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import boto3
import pytest

if TYPE_CHECKING:
    from types_boto3_lambda.type_defs import GetDurableExecutionResponseTypeDef

PATIENCE_SECONDS = 60


def test_a_run_gives_the_result_that_its_seed_always_gives(outputs: dict[str, str], region: str) -> None:
    ended = _run(outputs, region, {"version": 1, "seed": 7, "parcels": 250})

    assert ended["Status"] == "SUCCEEDED"
    assert json.loads(ended["Result"]) == {"parcels": 250, "revenue_cents": 1_289_890}


def _run(outputs: dict[str, str], region: str, order: object) -> GetDurableExecutionResponseTypeDef:
    functions = boto3.client("lambda", region_name=region)
    started = functions.invoke(
        FunctionName=outputs["WorkflowArn"],
        InvocationType="Event",
        Payload=json.dumps(order),
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = functions.get_durable_execution(DurableExecutionArn=started["DurableExecutionArn"])
        if found["Status"] != "RUNNING":
            return found
        time.sleep(1)
    pytest.fail(f"the run did not end in {PATIENCE_SECONDS} s")
