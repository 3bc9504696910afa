"""What is deployed answers quickly, and nothing of it runs while nobody calls.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

STACK_NAME = os.environ.get("STACK_NAME", "")
REGION = os.environ.get("AWS_REGION", "us-east-1")

pytestmark = pytest.mark.skipif(not STACK_NAME, reason="STACK_NAME names no deployed stack: run `make deploy`")


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    """The stack's outputs."""
    [stack] = boto3.client("cloudformation", region_name=REGION).describe_stacks(StackName=STACK_NAME)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_a_warm_request_is_answered_within_a_second(outputs: dict[str, str]) -> None:
    quote = {"zone": "domestic", "weight_grams": 1200}
    _send(outputs, "POST", "/quotes", quote)

    began = time.perf_counter()
    status, body = _send(outputs, "POST", "/quotes", quote)
    took = time.perf_counter() - began

    assert (status, body["price_cents"]) == (200, 510)
    assert took < 1


def test_a_refusal_is_a_problem_response(outputs: dict[str, str]) -> None:
    assert _send(outputs, "POST", "/quotes", {"zone": "moon"})[0] == 422
    assert _send(outputs, "DELETE", "/quotes")[0] == 405
    assert _send(outputs, "GET", "/nothing/here")[0] == 404


def test_the_function_has_nothing_provisioned(outputs: dict[str, str]) -> None:
    functions = boto3.client("lambda", region_name=REGION)

    provisioned = functions.list_provisioned_concurrency_configs(FunctionName=outputs["FunctionName"])

    assert provisioned["ProvisionedConcurrencyConfigs"] == []


def test_nothing_runs_while_nobody_calls(outputs: dict[str, str]) -> None:
    """Every minute of the last three hours in which something ran is a minute in which somebody called."""
    dimensions = [{"Name": "FunctionName", "Value": outputs["FunctionName"]}]
    running = _busy_minutes("ConcurrentExecutions", "Maximum", dimensions)
    called = _busy_minutes("Invocations", "Sum", dimensions)

    # A call that begins at the end of a minute may still run in the next.
    without_a_call = {minute for minute in running if not {minute, minute - timedelta(minutes=1)} & called}

    assert not without_a_call


def _busy_minutes(metric: str, statistic: str, dimensions: list[dict[str, str]]) -> set[datetime]:
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    query: Any = {
        "Id": "busy",
        "MetricStat": {
            "Metric": {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions},
            "Period": 60,
            "Stat": statistic,
        },
    }
    metrics = boto3.client("cloudwatch", region_name=REGION)
    answer = metrics.get_metric_data(MetricDataQueries=[query], StartTime=end - timedelta(hours=3), EndTime=end)
    [result] = answer["MetricDataResults"]
    return {at for at, value in zip(result["Timestamps"], result["Values"], strict=True) if value > 0}


def _send(outputs: dict[str, str], method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        outputs["ApiUrl"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)
