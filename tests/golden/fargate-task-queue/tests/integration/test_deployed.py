"""What is deployed does a run for a message as it should, and nothing is left running.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time

import boto3
import pytest

from queued_forecast import domain

PATIENCE_SECONDS = 900


def test_a_message_counts_every_parcel_and_leaves_nothing_running(outputs: dict[str, str], region: str) -> None:
    order = json.dumps({"seed": "7", "parcels": "250"})

    queues = boto3.client("sqs", region_name=region)
    run_id = queues.send_message(QueueUrl=outputs["QueueUrl"], MessageBody=order)["MessageId"]

    assert _end_of(outputs["JobQueueArn"], run_id, region) == "SUCCEEDED"
    key = {"run_id": {"S": run_id}}
    kept = boto3.client("dynamodb", region_name=region).get_item(TableName=outputs["CheckpointsTable"], Key=key)["Item"]
    assert int(kept["tally"]["M"]["revenue_cents"]["N"]) == domain.tally(7, range(250)).revenue_cents


def _end_of(queue: str, name: str, region: str) -> str:
    """Wait for the end of the job of a name, and return how it ended."""
    jobs = boto3.client("batch", region_name=region)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = jobs.list_jobs(jobQueue=queue, filters=[{"name": "JOB_NAME", "values": [name]}])["jobSummaryList"]
        ended = [job["status"] for job in found if job["status"] in {"FAILED", "SUCCEEDED"}]
        if ended:
            return ended[0]
        time.sleep(5)
    pytest.fail(f"the run did not end in {PATIENCE_SECONDS} s")
