"""Metrics as CloudWatch reads them from a log line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from list_desk.telemetry import Counts

if TYPE_CHECKING:
    import pytest


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_minute_without_requests_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counts("test")
    for _ in range(59):
        counts.see(0)
    before = written(capsys)
    counts.see(0)

    [line] = written(capsys)

    assert before == []
    assert (line["Requests"], line["InFlight"]) == (0, [0] * 60)


def test_every_value_is_a_metric_of_this_deployment(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counts("test", every_seconds=1)
    counts.add(200, 0.25)
    counts.add(503, 0.5)
    counts.see(3)

    [line] = written(capsys)

    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]} == {
        "Requests": 2,
        "Errors": 1,
        "InFlight": [3],
        "Seconds": [0.25, 0.5],
    }
    assert directive["Dimensions"] == [["service", "environment"]]
    assert (directive["Namespace"], line["environment"]) == ("list-desk", "test")


def test_a_line_has_no_more_than_a_hundred_values(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counts("test")
    for _ in range(250):
        counts.add(200, 0.1)
    counts.write()

    lines = written(capsys)

    assert [len(line["Seconds"]) for line in lines] == [100, 100, 50]
    assert [line.get("Requests") for line in lines] == [250, None, None]
