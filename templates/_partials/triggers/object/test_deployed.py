"""What is deployed works as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import time
import uuid

import boto3

PARCELS = b'{"parcel_id": "a", "weight_grams": 700}\n{"parcel_id": "b", "weight_grams": 1200}\n'
PATIENCE_SECONDS = 30


def test_an_object_is_added_up_within_half_a_minute(outputs: dict[str, str], region: str) -> None:
    key = f"integration tests/M\u00fcnchen + \u7bb1 {uuid.uuid4()}.jsonl"
    s3 = boto3.client("s3", region_name=region)
    bucket = outputs["BucketName"]
    version_id = s3.put_object(Bucket=bucket, Key=key, Body=PARCELS)["VersionId"]

    try:
        assert _is_done(outputs, region, key)
    finally:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version_id)


def _is_done(outputs: dict[str, str], region: str, key: str) -> bool:
    """Whether the function says that it added the object up, before the patience ends."""
    logs = boto3.client("logs", region_name=region)
    group = f"/aws/lambda/{outputs['FunctionName']}"
    deadline = time.monotonic() + PATIENCE_SECONDS
    marker = key.rsplit(" ", 1)[-1]
    while time.monotonic() < deadline:
        found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{marker}" "added up"')["events"]
        if found:
            return True
        time.sleep(1)
    return False
