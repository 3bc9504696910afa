"""Starts as the schedule sends them, good ones and bad ones: each is done once, or rejected with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from unit.dynamodb import UNREACHABLE, records

from tariff_publisher import domain
from tariff_publisher.event import RejectedError
from tariff_publisher.handlers import schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type LogLines = Callable[[], list[dict[str, Any]]]
    type Records = Callable[[], list[dict[str, Any]]]

__all__ = ["records"]

DUE = "2026-11-23T09:00:00Z"
RUN = "2026-11-23T09:00:00+00:00"

pytestmark = pytest.mark.usefixtures("records")


def test_a_run_is_done(event: dict[str, Any], context: LambdaContext, log_lines: LogLines) -> None:
    assert schedule.lambda_handler(event, context) == {"run": RUN, "base_cents": 390}
    assert [(line["message"], line["correlation_id"]) for line in log_lines()] == [("published", RUN)]


def test_a_run_that_is_started_twice_is_done_once(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: LogLines,
    records: Records,
) -> None:
    first, again = schedule.lambda_handler(event, context), schedule.lambda_handler(event, context)

    assert first == again
    assert [line["message"] for line in log_lines()] == ["published"]
    [record] = records()
    assert record["status"] == {"S": "COMPLETED"}
    assert int(record["expiration"]["N"]) > 0


def test_the_same_moment_in_another_zone_is_the_same_run(context: LambdaContext, log_lines: LogLines) -> None:
    for due in (DUE, "2026-11-23T09:00:00.000Z", "2026-11-23T09:00:00+00:00"):
        schedule.lambda_handler({"version": 1, "due": due}, context)

    assert [line["message"] for line in log_lines()] == ["published"]


def test_the_next_run_is_another(context: LambdaContext, log_lines: LogLines) -> None:
    for due in (DUE, "2026-11-23T09:05:00Z"):
        schedule.lambda_handler({"version": 1, "due": due}, context)

    assert [line["message"] for line in log_lines()] == ["published", "published"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (None, "wrong_shape"),
        ([], "wrong_shape"),
        ("nonsense", "wrong_shape"),
        (10**400, "wrong_shape"),
        ({}, "unknown_version"),
        ({"due": DUE}, "unknown_version"),
        ({"version": 2, "due": DUE}, "unknown_version"),
        ({"version": "1", "due": DUE}, "unknown_version"),
        ({"version": 10**400, "due": DUE}, "unknown_version"),
        ({"version": None, "due": DUE}, "unknown_version"),
        ({"version": 1}, "wrong_shape"),
        ({"version": 1, "due": None}, "wrong_shape"),
        ({"version": 1, "due": ""}, "wrong_shape"),
        ({"version": 1, "due": 10**400}, "wrong_shape"),
        ({"version": 1, "due": 1e308}, "wrong_shape"),
        ({"version": 1, "due": "2026-11-23T09:00:00"}, "wrong_shape"),
        ({"version": 1, "due": "2026-02-30T09:00:00Z"}, "wrong_shape"),
        ({"version": 1, "due": "<aws.scheduler.scheduled-time>"}, "wrong_shape"),
        ({"version": 1, "due": "0001-01-01T00:00:00Z"}, "implausible"),
    ],
)
def test_what_is_no_start_is_rejected_with_a_reason_and_kept_by_lambda(
    event: object,
    reason: str,
    context: LambdaContext,
    log_lines: LogLines,
    records: Records,
) -> None:
    with pytest.raises(RejectedError):
        schedule.lambda_handler(event, context)

    [line] = log_lines()
    assert (line["level"], line["message"], line["reason"]) == ("WARNING", "rejected", reason)
    assert line["detail"]
    assert records() == []


def test_an_unexpected_failure_is_logged_and_tried_again(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table that cannot be reached is the failure that everybody meets once."""

    def unreachable(*_: object, **__: object) -> None:
        raise UNREACHABLE

    with monkeypatch.context() as patched:
        patched.setattr(schedule.records.client, "put_item", unreachable)
        with pytest.raises(Exception, match="Failed to save in progress record"):
            schedule.lambda_handler(event, context)
    schedule.lambda_handler(event, context)

    assert [line["message"] for line in log_lines()] == ["failed", "published"]
    assert type(UNREACHABLE).__name__ in log_lines()[0]["exception"]


def test_a_second_start_while_the_first_is_at_work_is_left_to_it(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = []

    def start_again(_: object) -> object:
        answers.append(schedule.lambda_handler(event, context))
        return domain.TARIFFS[0]

    monkeypatch.setattr(domain, "in_force", start_again)

    schedule.lambda_handler(event, context)

    assert answers == [None]
    assert [line["message"] for line in log_lines()] == ["already at work", "published"]


def test_a_run_that_finds_another_at_work_is_skipped_and_counted(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: LogLines,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with schedule.lock.hold("the run before", 60):
        assert schedule.lambda_handler(event, context) is None

    assert [line["message"] for line in log_lines()] == ["skipped"]
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["Overlapped"] for line in metrics if "Overlapped" in line] == [[1.0]]


def test_a_run_has_given_its_lock_back(event: dict[str, Any], context: LambdaContext, records: Records) -> None:
    schedule.lambda_handler(event, context)

    assert [item["id"]["S"] for item in records() if item["id"]["S"] == "lock"] == []


@pytest.mark.parametrize(("due", "outcome"), [(DUE, "Done"), ("never", "Rejected")])
def test_every_start_is_counted_by_its_outcome(
    due: str,
    outcome: str,
    context: LambdaContext,
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        schedule.lambda_handler({"version": 1, "due": due}, context)
    except RejectedError:
        assert outcome == "Rejected"

    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[outcome] for line in metrics if outcome in line] == [[1.0]]
    assert {line["environment"] for line in metrics if outcome in line} == {schedule.settings.environment}
