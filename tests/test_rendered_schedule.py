"""What a scheduled service says about its clock, whatever interval was answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rendering import render_example

if TYPE_CHECKING:
    from pathlib import Path

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.mark.parametrize(
    ("interval_s", "expression"),
    [
        (1, "rate(1 minute)"),
        (MINUTE, "rate(1 minute)"),
        (119, "rate(1 minute)"),
        (5 * MINUTE, "rate(5 minutes)"),
        (90 * MINUTE, "rate(90 minutes)"),
        (HOUR, "rate(1 hour)"),
        (6 * HOUR, "rate(6 hours)"),
        (DAY, "cron(0 3 * * ? *)"),
        (7 * DAY, "rate(7 days)"),
        (None, "rate(1 hour)"),
    ],
)
def test_expression_is_the_interval_in_whole_minutes(
    interval_s: int | None, expression: str, tmp_path: Path
) -> None:
    template = template_of(tmp_path, interval_s, longest_run_s=1)

    assert re.findall(r"Default: ((?:rate|cron).+)", template) == [expression]


@pytest.mark.parametrize(
    ("interval_s", "longest_run_s", "locked"),
    [
        (10 * MINUTE, 10 * MINUTE, False),
        (10 * MINUTE, 10 * MINUTE + 1, True),
        # A window of a quarter of an hour lets a run begin so much closer to the next one.
        (HOUR, 15 * MINUTE, False),
        (DAY, 15 * MINUTE, False),
        (MINUTE, 2 * MINUTE, True),
    ],
)
def test_lock_is_there_when_the_slowest_run_outlasts_the_interval(
    *, interval_s: int, longest_run_s: int, locked: bool, tmp_path: Path
) -> None:
    template_of(tmp_path, interval_s, longest_run_s)

    assert [path.name for path in tmp_path.glob("service/src/*/lock.py")] == ["lock.py"] * locked
    assert (tmp_path / "service/tests/unit/test_lock.py").exists() is locked
    assert ("One at a time" in (tmp_path / "service/README.md").read_text(encoding="utf-8")) is locked


@pytest.mark.parametrize(
    ("interval_s", "longest_run_s", "seconds"),
    [(MINUTE, 30, 390), (HOUR, 30, HOUR), (7 * DAY, 30, 6 * HOUR)],
)
def test_start_waits_for_an_interval_for_three_tries_and_never_longer_than_lambda_lets_it(
    interval_s: int, longest_run_s: int, seconds: int, tmp_path: Path
) -> None:
    template = template_of(tmp_path, interval_s, longest_run_s)

    assert set(re.findall(r"MaximumEventAgeInSeconds: (\d+)", template)) == {str(seconds)}


def template_of(folder: Path, interval_s: int | None, longest_run_s: int) -> str:
    answers = {"schedule_interval_s": interval_s, "longest_run_s": longest_run_s, "avg_run_ms": 1_000}
    render_example(folder / "service", answers, "schedule")
    return (folder / "service" / "template.yaml").read_text(encoding="utf-8")
