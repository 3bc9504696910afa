"""What is deployed wakes, does a message once and keeps what came of it.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time
import uuid

import boto3
import pytest

from forecast_orders import domain

# A minute until CloudWatch sees the message, one until the alarm goes off, and the start of a task; then as much again.
PATIENCE_SECONDS = 600


def test_a_message_that_is_sent_twice_is_done_once(outputs: dict[str, str], region: str) -> None:
    order = {"version": 1, "forecast_id": f"test-{uuid.uuid4()}", "seed": 7, "parcels": 250}
    queue = boto3.client("sqs", region_name=region)

    for _ in range(2):
        queue.send_message(QueueUrl=outputs["QueueUrl"], MessageBody=json.dumps(order))

    assert _revenue(outputs, region, str(order["forecast_id"])) == domain.tally(7, range(250)).revenue_cents


def _revenue(outputs: dict[str, str], region: str, forecast_id: str) -> int:
    results = boto3.client("dynamodb", region_name=region)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = results.get_item(TableName=outputs["ResultsTable"], Key={"forecast_id": {"S": forecast_id}})
        if "revenue_cents" in (item := found.get("Item", {})):
            return int(item["revenue_cents"]["N"])
        time.sleep(5)
    pytest.fail(f"the message was not done in {PATIENCE_SECONDS} s")
