"""What is deployed does a run for an event as it should, and nothing is left running.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time

import boto3
import pytest

from ordered_forecast import domain

PATIENCE_SECONDS = 600


def test_an_event_counts_every_parcel_and_leaves_nothing_running(outputs: dict[str, str], region: str) -> None:
    put = boto3.client("events", region_name=region).put_events(
        Entries=[
            {
                "EventBusName": outputs["EventBusName"],
                "Source": "acme.planning",
                "DetailType": "ForecastOrdered",
                "Detail": json.dumps({"seed": 7, "parcels": 250}),
            },
        ],
    )
    run_id = put["Entries"][0]["EventId"]

    _until_nothing_runs(outputs["ClusterName"], region)
    key = {"run_id": {"S": run_id}}
    kept = boto3.client("dynamodb", region_name=region).get_item(TableName=outputs["CheckpointsTable"], Key=key)["Item"]
    assert int(kept["tally"]["M"]["revenue_cents"]["N"]) == domain.tally(7, range(250)).revenue_cents


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
