"""Nothing of what is deployed runs while nobody calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3


def test_the_function_has_nothing_provisioned(outputs: dict[str, str], region: str) -> None:
    functions = boto3.client("lambda", region_name=region)

    provisioned = functions.list_provisioned_concurrency_configs(FunctionName=outputs["FunctionName"])

    assert provisioned["ProvisionedConcurrencyConfigs"] == []


def test_nothing_runs_while_nobody_calls(outputs: dict[str, str], region: str) -> None:
    """Every minute of the last three hours in which something ran is a minute in which somebody called."""
    dimensions = [{"Name": "FunctionName", "Value": outputs["FunctionName"]}]
    running = _busy_minutes("ConcurrentExecutions", "Maximum", dimensions, region)
    called = _busy_minutes("Invocations", "Sum", dimensions, region)

    # A call may still run as many minutes later as the time-out leaves it.
    functions = boto3.client("lambda", region_name=region)
    timeout_seconds = functions.get_function_configuration(FunctionName=outputs["FunctionName"])["Timeout"]
    later = [timedelta(minutes=minutes) for minutes in range(timeout_seconds // 60 + 2)]
    without_a_call = {minute for minute in running if not {minute - passed for passed in later} & called}

    assert not without_a_call


def _busy_minutes(metric: str, statistic: str, dimensions: list[dict[str, str]], region: str) -> set[datetime]:
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    query: Any = {
        "Id": "busy",
        "MetricStat": {
            "Metric": {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions},
            "Period": 60,
            "Stat": statistic,
        },
    }
    metrics = boto3.client("cloudwatch", region_name=region)
    answer = metrics.get_metric_data(MetricDataQueries=[query], StartTime=end - timedelta(hours=3), EndTime=end)
    [result] = answer["MetricDataResults"]
    return {at for at, value in zip(result["Timestamps"], result["Values"], strict=True) if value > 0}
