"""What is deployed does a run as it should, item by item, and nothing is left running.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

{% if checkpoint == "s3" %}
import json
{% endif %}
import time
import uuid

import boto3
import pytest

from {{ package_name }} import domain

ITEMS = 2
PATIENCE_SECONDS = 900


def test_the_items_of_a_run_count_every_parcel_and_leave_nothing_running(outputs: dict[str, str], region: str) -> None:
    run = f"test-{uuid.uuid4()}"
    order = {"RUN_ID": run, "SEED": "7", "PARCELS": "250"}
    submitted = boto3.client("batch", region_name=region).submit_job(
        jobName=run,
        jobQueue=outputs["JobQueueArn"],
        jobDefinition=outputs["JobDefinitionArn"],
        arrayProperties={"size": ITEMS},
        containerOverrides={"environment": [{"name": name, "value": value} for name, value in order.items()]},
    )

    # An array has ended when each of its jobs has.
    assert _end_of(submitted["jobId"], region) == "SUCCEEDED"
    for item in range(ITEMS):
        _assert_counted(f"{run}-{item}", domain.share(250, item, ITEMS), outputs, region)


def _assert_counted(run_id: str, share: range, outputs: dict[str, str], region: str) -> None:
{% include "templates/_partials/fargate-task/checkpoints/" ~ checkpoint ~ "_deployed.py" %}


def _end_of(array: str, region: str) -> str:
    """Wait for the end of an array, and return how it ended."""
    jobs = boto3.client("batch", region_name=region)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        [found] = jobs.describe_jobs(jobs=[array])["jobs"]
        if found["status"] in {"FAILED", "SUCCEEDED"}:
            return found["status"]
        time.sleep(5)
    pytest.fail(f"the run did not end in {PATIENCE_SECONDS} s")
