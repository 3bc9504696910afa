"""What is deployed does a run as it should, and nothing is left running.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import boto3
import pytest

from tariff_forecast import domain

PATIENCE_SECONDS = 600


def test_a_run_counts_every_parcel_and_leaves_nothing_running(outputs: dict[str, str], region: str) -> None:
    run_id = f"test-{uuid.uuid4()}"

    ended = _run(outputs, region, {"run_id": run_id, "seed": 7, "parcels": 250})

    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert json.loads(ended["output"])["exit_code"] == 0
    key = {"run_id": {"S": run_id}}
    kept = boto3.client("dynamodb", region_name=region).get_item(TableName=outputs["CheckpointsTable"], Key=key)["Item"]
    assert int(kept["tally"]["M"]["revenue_cents"]["N"]) == domain.tally(7, range(250)).revenue_cents
    assert boto3.client("ecs", region_name=region).list_tasks(cluster=outputs["ClusterName"])["taskArns"] == []


def _run(outputs: dict[str, str], region: str, order: object) -> dict[str, Any]:
    workflows = boto3.client("stepfunctions", region_name=region)
    started = workflows.start_execution(stateMachineArn=outputs["WorkflowArn"], input=json.dumps(order))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = workflows.describe_execution(executionArn=started["executionArn"])
        if found["status"] != "RUNNING":
            return dict(found)
        time.sleep(5)
    pytest.fail(f"the run did not end in {PATIENCE_SECONDS} s")
