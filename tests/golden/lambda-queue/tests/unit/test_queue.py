"""Batches as Lambda takes them off the queue, good messages and bad ones: each is done, or named as failed, once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from unit.dynamodb import UNREACHABLE, records

from parcel_surcharges import domain
from parcel_surcharges.handlers import queue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Send = Callable[..., list[str]]
    type LogLines = Callable[[], list[dict[str, Any]]]

__all__ = ["records"]

WEIGHED = {
    "version": 1,
    "weighing_id": "w-1",
    "parcel_id": "p-1",
    "declared_grams": 1_000,
    "weighed_grams": 1_740,
}

pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def send(context: LambdaContext) -> Send:
    """Hand over a batch of bodies, whose messages are called 0, 1, 2 ...; return which of them failed."""

    def send(*bodies: object) -> list[str]:
        messages = [
            {"messageId": str(number), "body": body if isinstance(body, str) else json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
        answer: Mapping[str, Any] = queue.lambda_handler({"Records": messages}, context)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return send


def test_the_sample_message_is_charged(event: dict[str, Any], context: LambdaContext, log_lines: LogLines) -> None:
    answer = queue.lambda_handler(event, context)

    assert answer == {"batchItemFailures": []}
    assert [line["cents"] for line in log_lines() if line["message"] == "charged"] == [300]


def test_a_message_that_comes_twice_is_charged_once(
    send: Send,
    log_lines: LogLines,
    records: Callable[[], list[dict[str, Any]]],
) -> None:
    first, again = send(WEIGHED), send(WEIGHED, WEIGHED)

    assert (first, again) == ([], [])
    assert [line["message"] for line in log_lines()] == ["charged"]
    [record] = records()
    assert record["status"] == {"S": "COMPLETED"}
    assert int(record["expiration"]["N"]) > 0


def test_another_weighing_of_the_same_parcel_is_charged_too(send: Send, log_lines: LogLines) -> None:
    send(WEIGHED, {**WEIGHED, "weighing_id": "w-2"})

    assert [line["weighing_id"] for line in log_lines()] == ["w-1", "w-2"]


def test_only_the_messages_that_failed_come_back(send: Send, log_lines: LogLines) -> None:
    failed = send({**WEIGHED, "weighing_id": "w-1"}, "no JSON", {**WEIGHED, "weighing_id": "w-3"}, "{}")

    assert failed == ["1", "3"]
    assert [line["weighing_id"] for line in log_lines() if line["message"] == "charged"] == ["w-1", "w-3"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("nonsense", "not_json"),
        ('{"version": NaN}', "not_json"),
        ("\ud800", "not_json"),
        ("[" * 10_000 + "]" * 10_000, "wrong_shape"),
        ("[]", "wrong_shape"),
        ("null", "wrong_shape"),
        ({**WEIGHED, "version": 2}, "unknown_version"),
        ({**WEIGHED, "version": "1"}, "unknown_version"),
        ({**WEIGHED, "version": None}, "unknown_version"),
        ({key: value for key, value in WEIGHED.items() if key != "version"}, "unknown_version"),
        ({key: value for key, value in WEIGHED.items() if key != "weighing_id"}, "wrong_shape"),
        ({**WEIGHED, "weighing_id": ""}, "wrong_shape"),
        ({**WEIGHED, "weighing_id": "w" * 101}, "wrong_shape"),
        ({**WEIGHED, "weighed_grams": "1740"}, "wrong_shape"),
        ({**WEIGHED, "weighed_grams": -1}, "wrong_shape"),
        (json.dumps(WEIGHED).replace("1740", "1e400"), "wrong_shape"),
        (json.dumps(WEIGHED).replace("1740", "1" + "0" * 400), "wrong_shape"),
        ({**WEIGHED, "weighed_grams": 0}, "implausible"),
        ({**WEIGHED, "weighed_grams": domain.HEAVIEST_GRAMS + 1}, "implausible"),
    ],
)
def test_a_message_that_cannot_be_worked_on_is_rejected_with_a_reason(
    send: Send,
    log_lines: LogLines,
    body: object,
    reason: str,
) -> None:
    failed = send(body)

    assert failed == ["0"]
    [line] = log_lines()
    assert (line["level"], line["message"], line["reason"]) == ("WARNING", "rejected", reason)
    assert line["correlation_id"] == "0"
    assert line["detail"]


def test_a_rejected_message_is_not_remembered_as_done(
    send: Send,
    records: Callable[[], list[dict[str, Any]]],
) -> None:
    send({**WEIGHED, "weighed_grams": 0})

    assert records() == []


def test_fields_that_a_sender_added_are_not_read(send: Send) -> None:
    assert send({**WEIGHED, "scale": "A7"}) == []


def test_an_empty_batch_is_done(send: Send, log_lines: LogLines) -> None:
    assert send() == []
    assert log_lines() == []


@pytest.mark.parametrize(
    "event",
    [{}, {"Records": None}, {"Records": [{}]}, {"Records": [{"messageId": 1, "body": "{}"}]}, {"routeKey": "GET /"}],
)
def test_what_is_no_batch_fails_whole_and_is_logged(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: LogLines,
) -> None:
    with pytest.raises(msgspec.ValidationError):
        queue.lambda_handler(event, context)

    assert [line["message"] for line in log_lines()] == ["not an SQS event"]


def test_an_unexpected_failure_brings_back_its_message_alone(
    send: Send,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table that cannot be reached is the failure that everybody meets once."""

    def unreachable(*_: object, **__: object) -> None:
        raise UNREACHABLE

    send(WEIGHED)
    monkeypatch.setattr(queue.records.client, "put_item", unreachable)

    assert send("no JSON", {**WEIGHED, "weighing_id": "w-9"}) == ["0", "1"]
    assert [line["message"] for line in log_lines()] == ["charged", "rejected", "failed"]
    assert type(UNREACHABLE).__name__ in log_lines()[-1]["exception"]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [(WEIGHED, "Done"), ("{", "Rejected")],
)
def test_every_message_is_counted_by_its_outcome(
    send: Send,
    capsys: pytest.CaptureFixture[str],
    body: object,
    outcome: str,
) -> None:
    send(body)

    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[outcome] for line in metrics if outcome in line] == [[1.0]]
    assert {line["environment"] for line in metrics if outcome in line} == {queue.settings.environment}
