"""What is deployed does a run as it should, and nothing is left running.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

{% if checkpoint == "s3" %}
import json
{% endif %}
import subprocess
import sys
import uuid
from pathlib import Path

import boto3

from {{ package_name }} import domain

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 1_200


def test_a_run_counts_every_parcel_and_leaves_nothing_running(outputs: dict[str, str], region: str) -> None:
    # The cluster has the name of the stack.
    stack_name = outputs["ClusterName"]
    run_id = f"test-{uuid.uuid4()}"

    command = [sys.executable, "scripts/run.py", "--stack", stack_name, "--run-id", run_id, "--parcels", "250"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)

    assert done.returncode == 0, done.stdout + done.stderr
{% include "templates/_partials/fargate-task/checkpoints/" ~ checkpoint ~ "_deployed.py" %}
    assert boto3.client("ecs", region_name=region).list_tasks(cluster=outputs["ClusterName"])["taskArns"] == []
