"""What is deployed does a run as it should, and nothing is left running.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import boto3

from nightly_forecast import domain

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 1_200


def test_a_run_counts_every_parcel_and_leaves_nothing_running(outputs: dict[str, str], region: str) -> None:
    # The cluster has the name of the stack.
    stack_name = outputs["ClusterName"]
    run_id = f"test-{uuid.uuid4()}"

    command = [sys.executable, "scripts/run.py", "--stack", stack_name, "--run-id", run_id, "--parcels", "250"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)

    assert done.returncode == 0, done.stdout + done.stderr
    key = {"run_id": {"S": run_id}}
    kept = boto3.client("dynamodb", region_name=region).get_item(TableName=outputs["CheckpointsTable"], Key=key)["Item"]
    assert int(kept["tally"]["M"]["revenue_cents"]["N"]) == domain.tally(7, range(250)).revenue_cents
    assert boto3.client("ecs", region_name=region).list_tasks(cluster=outputs["ClusterName"])["taskArns"] == []
