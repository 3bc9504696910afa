"""Events as EventBridge passes them on, good ones and bad ones: each is done once, or rejected with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from unit.dynamodb import UNREACHABLE, records

from parcel_billing import domain
from parcel_billing.event import RejectedError
from parcel_billing.handlers import event as handler

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
    """Hand over the sample event with some fields of its detail replaced; those that are `None` are left out."""

    def send(**fields: object) -> object:
        detail = {key: value for key, value in {**event["detail"], **fields}.items() if value is not None}
        return handler.lambda_handler({**event, "detail": detail}, context)

    return send


def test_an_event_is_billed(send: Send, event: dict[str, Any], log_lines: LogLines) -> None:
    assert send() == {"parcel_id": "JD014600006281230701", "price_cents": 510}
    assert [(line["message"], line["correlation_id"]) for line in log_lines()] == [("billed", event["id"])]


def test_an_event_that_comes_twice_is_billed_once(send: Send, log_lines: LogLines, records: Records) -> None:
    first, again = send(), send()

    assert first == again
    assert [line["message"] for line in log_lines()] == ["billed"]
    [record] = records()
    assert record["status"] == {"S": "COMPLETED"}
    assert int(record["expiration"]["N"]) > 0


def test_another_event_about_the_same_parcel_is_billed_too(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: LogLines,
) -> None:
    for event_id in ("a", "b"):
        handler.lambda_handler({**event, "id": event_id}, context)

    assert [line["event_id"] for line in log_lines()] == ["a", "b"]


def test_fields_that_a_sender_added_are_not_read(send: Send) -> None:
    assert send(scale="A7") == send()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"version": 2}, "unknown_version"),
        ({"version": "1"}, "unknown_version"),
        ({"version": None}, "unknown_version"),
        ({"version": 10**400}, "unknown_version"),
        ({"parcel_id": None}, "wrong_shape"),
        ({"parcel_id": ""}, "wrong_shape"),
        ({"parcel_id": "p" * 101}, "wrong_shape"),
        ({"parcel_id": 1}, "wrong_shape"),
        ({"zone": "moon"}, "wrong_shape"),
        ({"weight_grams": "1200"}, "wrong_shape"),
        ({"weight_grams": 0}, "wrong_shape"),
        ({"weight_grams": -1}, "wrong_shape"),
        ({"weight_grams": 1.5}, "wrong_shape"),
        ({"weight_grams": 1e308}, "wrong_shape"),
        ({"weight_grams": 10**400}, "wrong_shape"),
        ({"weight_grams": 31_501}, "implausible"),
    ],
)
def test_a_detail_that_cannot_be_worked_on_is_rejected_with_a_reason(
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
    "event",
    [
        None,
        [],
        "nonsense",
        10**400,
        {},
        {"Records": []},
        {"id": "", "detail-type": "ParcelPosted", "detail": {}},
        {"id": 1, "detail-type": "ParcelPosted", "detail": {}},
        {"id": "a", "detail-type": "ParcelLost", "detail": {}},
        {"id": "a", "detail-type": "ParcelPosted", "detail": None},
        {"id": "a", "detail-type": "ParcelPosted", "detail": "{}"},
    ],
)
def test_what_is_no_such_event_is_rejected_and_kept_by_lambda(
    event: object,
    context: LambdaContext,
    log_lines: LogLines,
) -> None:
    with pytest.raises(RejectedError):
        handler.lambda_handler(event, context)

    assert [(line["message"], line["reason"]) for line in log_lines()] == [("rejected", "wrong_shape")]


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

    assert [line["message"] for line in log_lines()] == ["failed", "billed"]
    assert type(UNREACHABLE).__name__ in log_lines()[0]["exception"]


def test_a_second_delivery_while_the_first_is_at_work_is_left_to_it(
    send: Send,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = []

    def deliver_again(zone: domain.Zone, grams: int) -> object:
        answers.append(send())
        return domain.Quote(zone=zone, weight_grams=grams, price_cents=1)

    monkeypatch.setattr(domain, "quote", deliver_again)

    send()

    assert answers == [None]
    assert [line["message"] for line in log_lines()] == ["already at work", "billed"]


@pytest.mark.parametrize(("version", "outcome"), [(1, "Done"), (2, "Rejected")])
def test_every_event_is_counted_by_its_outcome(
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
