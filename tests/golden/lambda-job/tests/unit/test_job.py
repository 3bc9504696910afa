"""Jobs as somebody starts them, good ones and bad ones: each is done once, or rejected with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from unit.dynamodb import UNREACHABLE, records

from price_lists import domain
from price_lists.event import RejectedError
from price_lists.handlers import job as handler

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type LogLines = Callable[[], list[dict[str, Any]]]
    type Records = Callable[[], list[dict[str, Any]]]
    type Send = Callable[..., object]

__all__ = ["records"]

pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def send(event: dict[str, Any], context: LambdaContext) -> Send:
    """Start the sample job with some of its fields replaced; those that are `None` are left out."""

    def send(**fields: object) -> object:
        job = {key: value for key, value in {**event, **fields}.items() if value is not None}
        return handler.lambda_handler(job, context)

    return send


def test_a_job_is_done(send: Send, log_lines: LogLines) -> None:
    assert send() == {"job_id": "prices-2026-11", "parcels": 3, "total_cents": 3_270}
    assert [(line["message"], line["correlation_id"]) for line in log_lines()] == [("priced", "prices-2026-11")]


def test_a_job_that_is_started_twice_is_done_once(send: Send, log_lines: LogLines, records: Records) -> None:
    first, again = send(), send()

    assert first == again
    assert [line["message"] for line in log_lines()] == ["priced"]
    [record] = records()
    assert record["status"] == {"S": "COMPLETED"}
    assert int(record["expiration"]["N"]) > 0


def test_another_name_is_another_job(send: Send, log_lines: LogLines) -> None:
    send(job_id="a")
    send(job_id="b")

    assert [line["job_id"] for line in log_lines()] == ["a", "b"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"version": 2}, "unknown_version"),
        ({"version": "1"}, "unknown_version"),
        ({"version": None}, "unknown_version"),
        ({"version": 10**400}, "unknown_version"),
        ({"job_id": None}, "wrong_shape"),
        ({"job_id": ""}, "wrong_shape"),
        ({"job_id": "j" * 101}, "wrong_shape"),
        ({"job_id": 1}, "wrong_shape"),
        ({"zone": "moon"}, "wrong_shape"),
        ({"weights_grams": []}, "wrong_shape"),
        ({"weights_grams": "1200"}, "wrong_shape"),
        ({"weights_grams": [1] * 10_001}, "wrong_shape"),
        ({"colour": "red"}, "wrong_shape"),
        ({"weights_grams": [0]}, "wrong_shape"),
        ({"weights_grams": [-1]}, "wrong_shape"),
        ({"weights_grams": [1.5]}, "wrong_shape"),
        ({"weights_grams": [1e308]}, "wrong_shape"),
        ({"weights_grams": [10**400]}, "wrong_shape"),
        ({"weights_grams": [31_501]}, "implausible"),
    ],
)
def test_a_job_that_cannot_be_done_is_rejected_with_a_reason(
    send: Send,
    fields: dict[str, object],
    reason: str,
    log_lines: LogLines,
    records: Records,
) -> None:
    with pytest.raises(RejectedError):
        send(**fields)

    [line] = log_lines()
    assert (line["level"], line["message"], line["reason"]) == ("WARNING", "rejected", reason)
    assert line["detail"]
    assert records() == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (None, "wrong_shape"),
        ([], "wrong_shape"),
        ("nonsense", "wrong_shape"),
        (10**400, "wrong_shape"),
        ({}, "unknown_version"),
        ({"Records": []}, "wrong_shape"),
    ],
)
def test_what_is_no_job_is_rejected_and_kept_by_lambda(
    event: object,
    reason: str,
    context: LambdaContext,
    log_lines: LogLines,
) -> None:
    with pytest.raises(RejectedError):
        handler.lambda_handler(event, context)

    assert [(line["message"], line["reason"]) for line in log_lines()] == [("rejected", reason)]


def test_an_unexpected_failure_is_logged_and_tried_again(
    send: Send,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table that cannot be reached is the failure that everybody meets once."""

    def unreachable(*_: object, **__: object) -> None:
        raise UNREACHABLE

    with monkeypatch.context() as patched:
        patched.setattr(handler.records.client, "put_item", unreachable)
        with pytest.raises(Exception, match="Failed to save in progress record"):
            send()
    send()

    assert [line["message"] for line in log_lines()] == ["failed", "priced"]
    assert type(UNREACHABLE).__name__ in log_lines()[0]["exception"]


def test_a_second_start_while_the_first_is_at_work_is_left_to_it(
    send: Send,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = []

    def start_again(zone: domain.Zone, grams: int) -> object:
        answers.append(send(weights_grams=[1_200]))
        return domain.Quote(zone=zone, weight_grams=grams, price_cents=1)

    monkeypatch.setattr(domain, "quote", start_again)

    send(weights_grams=[1_200])

    assert answers == [None]
    assert [line["message"] for line in log_lines()] == ["already at work", "priced"]


@pytest.mark.parametrize(("version", "outcome"), [(1, "Done"), (2, "Rejected")])
def test_every_job_is_counted_by_its_outcome(
    send: Send,
    version: int,
    outcome: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        send(version=version)
    except RejectedError:
        assert outcome == "Rejected"

    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[outcome] for line in metrics if outcome in line] == [[1.0]]
    assert {line["environment"] for line in metrics if outcome in line} == {handler.settings.environment}
