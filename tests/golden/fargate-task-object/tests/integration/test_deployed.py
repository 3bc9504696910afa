"""What is deployed does a run for an object as it should, and nothing is left running.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import time
import uuid

import boto3
import pytest

PATIENCE_SECONDS = 600


def test_an_object_is_added_up_and_nothing_is_left_running(outputs: dict[str, str], region: str) -> None:
    key = f"test {uuid.uuid4()}/\u7bb1.jsonl"
    body = b'{"parcel_id": "a", "weight_grams": 700}\n' * 250

    put = boto3.client("s3", region_name=region).put_object(Bucket=outputs["BucketName"], Key=key, Body=body)
    run_id = put["VersionId"]

    _until_nothing_runs(outputs["ClusterName"], region)
    kept = boto3.client("dynamodb", region_name=region).get_item(
        TableName=outputs["CheckpointsTable"],
        Key={"run_id": {"S": run_id}},
    )["Item"]
    assert int(kept["tally"]["M"]["weight_grams"]["N"]) == 250 * 700


def _until_nothing_runs(cluster: str, region: str) -> None:
    """Wait for a task that has begun after this, and for its end."""
    tasks = boto3.client("ecs", region_name=region)
    deadline = time.monotonic() + PATIENCE_SECONDS
    has_begun = False
    while time.monotonic() < deadline:
        running = tasks.list_tasks(cluster=cluster)["taskArns"]
        if has_begun and not running:
            return
        has_begun = has_begun or bool(running)
        time.sleep(2)
    pytest.fail(f"the run did not {'end' if has_begun else 'begin'} in {PATIENCE_SECONDS} s")
