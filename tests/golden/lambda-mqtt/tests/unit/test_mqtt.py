"""Messages as the rule passes them on, good ones and bad ones: each is done, once if it has an id, or rejected."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from unit.dynamodb import UNREACHABLE, records

from cold_boxes import domain
from cold_boxes.event import RejectedError
from cold_boxes.handlers import mqtt

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Send = Callable[..., object]
    type LogLines = Callable[[], list[dict[str, Any]]]
    type Records = Callable[[], list[dict[str, Any]]]

__all__ = ["records"]

MEASURED = {"version": 1, "message_id": "m-1", "celsius": 4.5}

pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def send(event: dict[str, Any], context: LambdaContext) -> Send:
    """Let a device publish bytes as they are, all else as JSON; return what the function answers."""

    def send(payload: object, topic: str = "boxes/b-1/temperature") -> object:
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        answer: object = mqtt.lambda_handler({**event, "data": base64.b64encode(raw).decode(), "topic": topic}, context)
        return answer

    return send


def test_the_sample_message_is_judged(event: dict[str, Any], context: LambdaContext, log_lines: LogLines) -> None:
    assert mqtt.lambda_handler(event, context) == "kept"
    [line] = log_lines()
    assert (line["message"], line["topic"], line["verdict"]) == ("judged", event["topic"], "kept")
    assert line["correlation_id"] == event["trace_id"]


def test_a_message_that_comes_twice_is_judged_once(send: Send, log_lines: LogLines, records: Records) -> None:
    assert send(MEASURED) == send(MEASURED) == "kept"
    assert [line["message"] for line in log_lines()] == ["judged"]
    [record] = records()
    assert record["status"] == {"S": "COMPLETED"}
    assert int(record["expiration"]["N"]) > 0


def test_the_same_id_of_another_device_is_another_message(send: Send, log_lines: LogLines) -> None:
    send(MEASURED, "boxes/b-1/temperature")
    send(MEASURED, "boxes/b-2/temperature")

    assert [line["topic"] for line in log_lines()] == ["boxes/b-1/temperature", "boxes/b-2/temperature"]


def test_a_message_without_an_id_is_judged_as_often_as_it_comes(
    send: Send,
    log_lines: LogLines,
    records: Records,
) -> None:
    for _ in range(2):
        assert send({"version": 1, "celsius": 9}) == "too_warm"

    assert [line["message"] for line in log_lines()] == ["judged", "judged"]
    assert records() == []


def test_fields_that_a_device_added_are_not_read(send: Send) -> None:
    assert send({**MEASURED, "battery": 0.7}) == "kept"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"nonsense", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b'{"version": NaN}', "not_json"),
        (b"[" * 10_000 + b"]" * 10_000, "wrong_shape"),
        ([], "wrong_shape"),
        (None, "wrong_shape"),
        ({}, "unknown_version"),
        ({**MEASURED, "version": 2}, "unknown_version"),
        ({**MEASURED, "version": "1"}, "unknown_version"),
        ({**MEASURED, "version": None}, "unknown_version"),
        ({**MEASURED, "version": 10**400}, "unknown_version"),
        ({"version": 1}, "wrong_shape"),
        ({**MEASURED, "celsius": "4.5"}, "wrong_shape"),
        ({**MEASURED, "celsius": None}, "wrong_shape"),
        ({**MEASURED, "message_id": ""}, "wrong_shape"),
        ({**MEASURED, "message_id": "m" * 101}, "wrong_shape"),
        ({**MEASURED, "message_id": 17}, "wrong_shape"),
        (b'{"version": 1, "celsius": 1e400}', "wrong_shape"),
        ({**MEASURED, "celsius": 1e308}, "implausible"),
        ({**MEASURED, "celsius": -273.15}, "implausible"),
    ],
)
def test_what_cannot_be_worked_on_is_rejected_with_a_reason_and_kept_by_lambda(
    send: Send,
    log_lines: LogLines,
    records: Records,
    payload: object,
    reason: str,
) -> None:
    with pytest.raises(RejectedError):
        send(payload)

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
        {"data": "no base64!", "topic": "t"},
        {"data": 1, "topic": "t"},
    ],
)
def test_what_is_not_from_the_rule_is_rejected_too(event: object, context: LambdaContext, log_lines: LogLines) -> None:
    with pytest.raises(RejectedError):
        mqtt.lambda_handler(event, context)

    assert [line["reason"] for line in log_lines()] == ["not_from_rule"]


def test_an_unexpected_failure_is_logged_and_tried_again(
    send: Send,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table that cannot be reached is the failure that everybody meets once."""

    def unreachable(*_: object, **__: object) -> None:
        raise UNREACHABLE

    with monkeypatch.context() as patched:
        patched.setattr(mqtt.records.client, "put_item", unreachable)
        with pytest.raises(Exception, match="Failed to save in progress record"):
            send(MEASURED)
    send(MEASURED)

    assert [line["message"] for line in log_lines()] == ["failed", "judged"]
    assert type(UNREACHABLE).__name__ in log_lines()[0]["exception"]


def test_a_second_delivery_while_the_first_is_at_work_is_left_to_it(
    send: Send,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = []

    def deliver_again(_: float) -> domain.Verdict:
        answers.append(send(MEASURED))
        return domain.Verdict.KEPT

    monkeypatch.setattr(domain, "judge", deliver_again)

    send(MEASURED)

    assert answers == [None]
    assert [line["message"] for line in log_lines()] == ["already at work", "judged"]


@pytest.mark.parametrize(("celsius", "outcome"), [(4.5, "Done"), (1e308, "Rejected")])
def test_every_message_is_counted_by_its_outcome(
    send: Send,
    celsius: float,
    outcome: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        send({**MEASURED, "celsius": celsius})
    except RejectedError:
        assert outcome == "Rejected"

    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[outcome] for line in metrics if outcome in line] == [[1.0]]
    assert {line["environment"] for line in metrics if outcome in line} == {mqtt.settings.environment}
