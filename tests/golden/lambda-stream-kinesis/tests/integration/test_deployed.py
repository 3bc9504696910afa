"""What is deployed works as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time
import uuid

import boto3

PATIENCE_SECONDS = 30


def test_a_record_is_noticed_within_half_a_minute(outputs: dict[str, str], region: str) -> None:
    name = f"integration-{uuid.uuid4()}"
    move = {"version": 1, "event_id": name, "parcel_id": name, "before": None, "after": "registered"}

    boto3.client("kinesis", region_name=region).put_record(
        StreamName=outputs["StreamName"],
        PartitionKey=name,
        Data=json.dumps(move).encode(),
    )

    assert _is_told(outputs, region, name)


def _is_told(outputs: dict[str, str], region: str, parcel_id: str) -> bool:
    """Whether the function says that it told of the parcel, before the patience ends."""
    logs = boto3.client("logs", region_name=region)
    group = f"/aws/lambda/{outputs['FunctionName']}"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if logs.filter_log_events(logGroupName=group, filterPattern=f'"{parcel_id}" "told"')["events"]:
            return True
        time.sleep(1)
    return False
