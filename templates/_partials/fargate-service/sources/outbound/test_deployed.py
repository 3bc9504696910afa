"""What is deployed is connected to its feed.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import os
import time

import boto3

# ECS takes a deployment for done only when new tasks have been connected; their minute is counted a little later.
PATIENCE_SECONDS = 300


def test_every_task_is_connected(outputs: dict[str, str], region: str) -> None:
    cluster, service = outputs["ClusterName"], outputs["ServiceName"]
    described = boto3.client("ecs", region_name=region).describe_services(cluster=cluster, services=[service])
    wanted = described["services"][0]["desiredCount"]
    logs = boto3.client("logs", region_name=region)
    group, deadline = f"/ecs/{os.environ['STACK_NAME']}", time.monotonic() + PATIENCE_SECONDS

    connected: set[str] = set()
    while len(connected) < wanted and time.monotonic() < deadline:
        since = int((time.time() - 120) * 1000)
        found = logs.filter_log_events(logGroupName=group, filterPattern="{ $.Connected > 50 }", startTime=since)
        connected = {event["logStreamName"] for event in found["events"]}
        time.sleep(5)

    assert len(connected) >= wanted > 0
