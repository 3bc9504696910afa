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

    type Logged = Callable[[str], list[dict[str, Any]]]

PATIENCE_SECONDS = 30


{% include "templates/_partials/asynchronous/test_log.py" %}


def test_a_message_that_is_published_twice_is_worked_on_once(
    outputs: dict[str, str],
    region: str,
    logged: Logged,
) -> None:
    endpoint = boto3.client("iot", region_name=region).describe_endpoint(endpointType="iot:Data-ATS")
    broker = boto3.client("iot-data", region_name=region, endpoint_url=f"https://{endpoint['endpointAddress']}")
    message_id = str(uuid.uuid4())
    topic = outputs["TopicFilter"].replace("+", message_id).replace("#", message_id)
    payload = json.dumps({"version": 1, "message_id": message_id, "celsius": 4.5})

    for _ in range(2):
        broker.publish(topic=topic, qos=1, payload=payload)

    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and not logged(message_id):
        time.sleep(1)
    time.sleep(1)
    assert [line["verdict"] for line in logged(message_id)] == ["kept"]


def test_the_rule_is_there_and_enabled(outputs: dict[str, str], region: str) -> None:
    rule = boto3.client("iot", region_name=region).get_topic_rule(ruleName=outputs["RuleName"])["rule"]

    assert rule["ruleDisabled"] is False
    assert rule["sql"].endswith(f"FROM '{outputs['TopicFilter']}'")
