"""What is deployed works as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import time
import uuid

import boto3

PATIENCE_SECONDS = 30


def test_a_change_is_noticed_within_half_a_minute(outputs: dict[str, str], region: str) -> None:
    tables = boto3.client("dynamodb", region_name=region)
    parcel_id = f"integration-{uuid.uuid4()}"
    tables.put_item(
        TableName=outputs["TableName"],
        Item={"parcel_id": {"S": parcel_id}, "status": {"S": "registered"}},
    )

    try:
        assert _is_told(outputs, region, parcel_id)
    finally:
        tables.delete_item(TableName=outputs["TableName"], Key={"parcel_id": {"S": parcel_id}})


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
