"""What is deployed works on messages as it should.

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

    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.literals import QueueAttributeNameType

    type Charges = Callable[[str], list[dict[str, Any]]]

PATIENCE_SECONDS = 30


@pytest.fixture
def charges(outputs: dict[str, str], region: str) -> Charges:
    """Read from the function's log how often a weighing was charged."""
    logs = boto3.client("logs", region_name=region)

    def charges(weighing_id: str) -> list[dict[str, Any]]:
        found = logs.filter_log_events(
            logGroupName=f"/aws/lambda/{outputs['FunctionName']}",
            filterPattern=f'"{weighing_id}"',
        )
        return [json.loads(line["message"]) for line in found["events"]]

    return charges


def test_a_message_is_worked_on_once_even_if_it_comes_twice(
    outputs: dict[str, str],
    region: str,
    charges: Charges,
) -> None:
    weighing_id = str(uuid.uuid4())
    weighed = {"version": 1, "weighing_id": weighing_id, "parcel_id": "test", "declared_grams": 1, "weighed_grams": 1}
    queue = boto3.client("sqs", region_name=region)
    entries: Any = [{"Id": str(number), "MessageBody": json.dumps(weighed)} for number in range(2)]

    queue.send_message_batch(QueueUrl=outputs["QueueUrl"], Entries=entries)

    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and (not charges(weighing_id) or _waiting(queue, outputs["QueueUrl"])):
        time.sleep(1)
    assert [line["cents"] for line in charges(weighing_id)] == [0]


def _waiting(queue: SQSClient, url: str) -> int:
    names: list[QueueAttributeNameType] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = queue.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)
