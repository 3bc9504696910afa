"""What is deployed works as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

{% if kinesis %}
import json
{% endif %}
import time
import uuid

import boto3

PATIENCE_SECONDS = 30


{% include "templates/_partials/triggers/stream/" ~ stream_source ~ "/test_deployed.py" %}


def _is_told(outputs: dict[str, str], region: str, parcel_id: str) -> bool:
    """Whether the function says that it told of the parcel, before the patience ends."""
    logs = boto3.client("logs", region_name=region)
    group = f"/aws/lambda/{outputs['FunctionName']}"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if logs.filter_log_events(logGroupName=group, filterPattern=f'"{parcel_id}" "told"')["events"]:
            return True
        time.sleep(1)
    return False
