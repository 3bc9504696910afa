"""What is deployed does a run for an event as it should, and nothing is left running.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time

import boto3
import pytest

from {{ package_name }} import domain

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
{% include "templates/_partials/fargate-task/checkpoints/" ~ checkpoint ~ "_deployed.py" %}


{% include "templates/_partials/fargate-task/until_nothing_runs.py" %}
