"""Batches as Lambda takes them off the stream, good changes and bad ones: each is done in its turn, once, or named."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from unit.dynamodb import UNREACHABLE, records

from parcel_notices import domain
from parcel_notices.event import Reason
from parcel_notices.handlers import stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Change = Callable[..., dict[str, Any]]
    type Put = Callable[[int, bytes], dict[str, Any]]
    type Send = Callable[..., list[str]]
    type LogLines = Callable[[], list[dict[str, Any]]]

__all__ = ["records"]

pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def put(event: dict[str, Any]) -> Put:
    """Make a record of the bytes that a sender put on the stream."""
    [record] = event["Records"]

    def put(number: int, data: bytes) -> dict[str, Any]:
        passed_on = {"sequenceNumber": str(number), "data": base64.b64encode(data).decode()}
        return {**record, "kinesis": {**record["kinesis"], **passed_on}}

    return put


@pytest.fixture
def change(put: Put) -> Change:
    """Make a record of a parcel that was somewhere and is somewhere else."""

    def change(number: int, before: str | None, after: str | None, parcel_id: str = "p") -> dict[str, Any]:
        move = {"version": 1, "event_id": f"e-{number}", "parcel_id": parcel_id, "before": before, "after": after}
        return put(number, json.dumps(move).encode())

    return change


@pytest.fixture
def send(context: LambdaContext) -> Send:
    """Hand over a batch of records; return the sequence numbers that are named as failed."""

    def send(*batch: object) -> list[str]:
        answer: Any = stream.lambda_handler({"Records": list(batch)}, context)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return send


def test_the_sample_record_is_told(event: dict[str, Any], context: LambdaContext, log_lines: LogLines) -> None:
    answer = stream.lambda_handler(event, context)

    assert answer == {"batchItemFailures": []}
    assert [(line["message"], line["notice"]) for line in log_lines()] == [("told", "arrived")]


def test_changes_are_told_in_their_order(send: Send, change: Change, log_lines: LogLines) -> None:
    failed = send(
        change(1, None, "registered"),
        change(2, "registered", "in_transit"),
        change(3, "in_transit", "in_transit"),
        change(4, "in_transit", "delivered"),
        change(5, "delivered", None),
    )

    assert failed == []
    assert [line["notice"] for line in log_lines()] == ["announced", "on_its_way", "arrived"]


def test_work_stops_at_the_first_change_that_fails(send: Send, change: Change, log_lines: LogLines) -> None:
    failed = send(
        change(1, None, "registered"),
        change(2, "delivered", "registered"),
        change(3, "registered", "in_transit"),
        change(4, "delivered", "in_transit"),
    )

    assert failed == ["2"]
    assert [line["message"] for line in log_lines()] == ["told", "rejected"]


def test_a_batch_that_comes_again_goes_on_where_it_failed(
    send: Send,
    change: Change,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = [change(1, None, "registered"), change(2, "registered", "in_transit"), change(3, "in_transit", "delivered")]

    def broken(_: object, after: object) -> domain.Notice:
        assert after != "in_transit", "this fails once"
        return domain.Notice.ANNOUNCED

    with monkeypatch.context() as once:
        once.setattr(domain, "notice_of", broken)
        failed = send(*batch)

    assert (failed, send(*batch)) == (["2"], [])
    notices = [line["notice"] for line in log_lines() if line["message"] == "told"]
    assert notices == ["announced", "on_its_way", "arrived"]


def test_a_change_that_comes_twice_is_told_once(send: Send, change: Change, log_lines: LogLines) -> None:
    record = change(1, None, "registered")

    assert send(record, record) == []
    assert send(record) == []
    assert [line["message"] for line in log_lines()] == ["told"]


def test_an_empty_batch_is_done(send: Send, log_lines: LogLines) -> None:
    assert send() == []
    assert log_lines() == []


@pytest.mark.parametrize("event", [{}, [], None, "text", {"Records": None}, {"Records": {}}, {"records": []}])
def test_what_is_no_batch_fails_as_a_whole(event: object, context: LambdaContext, log_lines: LogLines) -> None:
    answer = stream.lambda_handler(event, context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": ""}]}
    assert [line["reason"] for line in log_lines()] == [Reason.WRONG_SHAPE]


def test_a_change_that_a_sender_puts_there_twice_is_told_once(put: Put, send: Send, log_lines: LogLines) -> None:
    move = b'{"version": 1, "event_id": "e", "parcel_id": "p", "before": null, "after": "registered"}'

    assert send(put(1, move), put(2, move)) == []
    assert [line["message"] for line in log_lines()] == ["told"]


@pytest.mark.parametrize("record", [None, 7, "text", [], {}, {"kinesis": {}}, {"kinesis": {"sequenceNumber": 7}}])
def test_a_record_without_a_place_fails_the_batch_as_a_whole(send: Send, log_lines: LogLines, record: object) -> None:
    assert send(record) == [""]
    assert [line["reason"] for line in log_lines()] == [Reason.WRONG_SHAPE]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"{",
        b"\xff\xfe",
        b'{"version": 1, "event_id": "\xff"}',
        b'{"version": 1, "event_id": "e", "parcel_id": "p", "before": null, "after": NaN}',
        b'{"version": 1, "more": ' + b"[" * 100_000,
    ],
    ids=lambda data: repr(data[:40]),
)
def test_what_is_no_json_is_rejected_and_named(put: Put, send: Send, log_lines: LogLines, data: bytes) -> None:
    assert send(put(1, data)) == ["1"]
    [line] = log_lines()
    assert (line["message"], line["reason"], line["sequence_number"]) == ("rejected", Reason.NOT_JSON, "1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_id": ""},
        {"event_id": "x" * 101},
        {"event_id": 10**400},
        {"event_id": None},
        {"parcel_id": ""},
        {"parcel_id": ["p"]},
        {"before": "lost"},
        {"after": True},
        {"after": -1e308},
    ],
    ids=str,
)
def test_a_change_of_another_shape_is_rejected_and_named(
    put: Put,
    send: Send,
    log_lines: LogLines,
    wrong: dict[str, object],
) -> None:
    move = {"version": 1, "event_id": "e", "parcel_id": "p", "before": None, "after": "registered"}

    assert send(put(1, json.dumps({**move, **wrong}).encode())) == ["1"]
    [line] = log_lines()
    assert (line["message"], line["reason"], line["sequence_number"]) == ("rejected", Reason.WRONG_SHAPE, "1")


@pytest.mark.parametrize("version", [2, 0, 1.5, "1", None, 10**400])
def test_a_version_of_the_sender_that_is_not_known_is_rejected(
    put: Put,
    send: Send,
    log_lines: LogLines,
    version: object,
) -> None:
    move = {"version": version, "event_id": "e", "parcel_id": "p", "before": None, "after": "registered"}

    assert send(put(1, json.dumps(move).encode())) == ["1"]
    assert [line["reason"] for line in log_lines()] == [Reason.UNKNOWN_VERSION]


@pytest.mark.parametrize("data", [None, 7, "not base64!", "e30"], ids=str)
def test_what_lambda_did_not_encode_is_rejected_and_named(
    change: Change,
    send: Send,
    log_lines: LogLines,
    data: object,
) -> None:
    record = change(1, None, "registered")
    record["kinesis"]["data"] = data

    assert send(record) == ["1"]
    assert [line["reason"] for line in log_lines()] == [Reason.WRONG_SHAPE]


@pytest.mark.parametrize("version", ["2.0", "0.9", "", "x"])
def test_an_unknown_version_is_rejected_and_named(
    send: Send,
    change: Change,
    log_lines: LogLines,
    version: str,
) -> None:
    assert send({**change(1, None, "registered"), "eventVersion": version}) == ["1"]
    assert [line["reason"] for line in log_lines()] == [Reason.UNKNOWN_VERSION]


def test_a_parcel_that_went_back_is_rejected_and_not_remembered(
    send: Send,
    change: Change,
    log_lines: LogLines,
    records: Callable[[], list[dict[str, Any]]],
) -> None:
    assert send(change(1, "delivered", "in_transit")) == ["1"]

    assert [line["reason"] for line in log_lines()] == [Reason.IMPLAUSIBLE]
    assert records() == []


def test_without_its_records_nothing_is_told(
    send: Send,
    change: Change,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(**_: object) -> None:
        raise UNREACHABLE

    monkeypatch.setattr(stream.records.client, "put_item", unreachable)

    assert send(change(1, None, "registered"), change(2, "registered", "in_transit")) == ["1"]
    assert [line["message"] for line in log_lines()] == ["failed"]


@pytest.mark.parametrize(("before", "outcome"), [(None, "Done"), ("delivered", "Rejected")])
def test_every_change_is_counted_by_its_outcome(
    send: Send,
    change: Change,
    capsys: pytest.CaptureFixture[str],
    before: str | None,
    outcome: str,
) -> None:
    send(change(1, before, "registered"))

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [line[outcome] for line in counted if outcome in line] == [[1.0]]
