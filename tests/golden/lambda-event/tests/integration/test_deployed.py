"""What is deployed works on events as it should.

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
DETAIL = {"version": 1, "parcel_id": "test", "zone": "domestic", "weight_grams": 1200}


@pytest.fixture
def logged(outputs: dict[str, str], region: str) -> Logged:
    """Read from the function's log the lines with some words; a line takes some seconds to come."""
    logs = boto3.client("logs", region_name=region)

    def logged(words: str) -> list[dict[str, Any]]:
        group = f"/aws/lambda/{outputs['FunctionName']}"
        found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{words}"')
        return [json.loads(line["message"]) for line in found["events"]]

    return logged


def test_an_event_on_the_bus_is_worked_on(outputs: dict[str, str], region: str, logged: Logged) -> None:
    events = boto3.client("events", region_name=region)

    answer = events.put_events(
        Entries=[
            {
                "EventBusName": outputs["EventBusName"],
                "Source": "acme.depot",
                "DetailType": "ParcelPosted",
                "Detail": json.dumps(DETAIL),
            }
        ]
    )

    assert _prices(logged, answer["Entries"][0]["EventId"]) == [510]


def test_an_event_that_comes_twice_is_worked_on_once(outputs: dict[str, str], region: str, logged: Logged) -> None:
    functions = boto3.client("lambda", region_name=region)
    event_id = str(uuid.uuid4())
    event = {"id": event_id, "detail-type": "ParcelPosted", "detail": DETAIL}

    for _ in range(2):
        functions.invoke(
            FunctionName=outputs["FunctionName"], InvocationType="RequestResponse", Payload=json.dumps(event)
        )

    assert _prices(logged, event_id) == [510]


def _prices(logged: Logged, event_id: str) -> list[int]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and not logged(event_id):
        time.sleep(1)
    return [line["price_cents"] for line in logged(event_id) if line["message"] == "billed"]
