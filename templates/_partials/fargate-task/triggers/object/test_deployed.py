"""What is deployed does a run for an object as it should, and nothing is left running.

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

PATIENCE_SECONDS = 600


def test_an_object_is_added_up_and_nothing_is_left_running(outputs: dict[str, str], region: str) -> None:
    key = f"test {uuid.uuid4()}/\u7bb1.jsonl"
    body = b'{"parcel_id": "a", "weight_grams": 700}\n' * 250

    put = boto3.client("s3", region_name=region).put_object(Bucket=outputs["BucketName"], Key=key, Body=body)
    run_id = put["VersionId"]

    _until_nothing_runs(outputs["ClusterName"], region)
{% if checkpoint == "dynamodb" %}
    kept = boto3.client("dynamodb", region_name=region).get_item(
        TableName=outputs["CheckpointsTable"],
        Key={"run_id": {"S": run_id}},
    )["Item"]
    assert int(kept["tally"]["M"]["weight_grams"]["N"]) == 250 * 700
{% else %}
    kept = boto3.client("s3", region_name=region).get_object(
        Bucket=outputs["CheckpointsBucket"],
        Key=f"runs/{run_id}.json",
    )
    assert json.loads(kept["Body"].read())["tally"]["weight_grams"] == 250 * 700
{% endif %}


{% include "templates/_partials/fargate-task/until_nothing_runs.py" %}
