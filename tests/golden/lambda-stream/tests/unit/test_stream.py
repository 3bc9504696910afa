"""Batches as Lambda takes them off the stream, good changes and bad ones: each is done in its turn, once, or named."""

from __future__ import annotations

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
    type Send = Callable[..., list[str]]
    type LogLines = Callable[[], list[dict[str, Any]]]

__all__ = ["records"]

pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def change(event: dict[str, Any]) -> Change:
    """Make a record of a parcel that was somewhere and is somewhere else."""

    def change(number: int, before: str | None, after: str | None, parcel_id: str = "p") -> dict[str, Any]:
        images = {
            name: {"parcel_id": {"S": parcel_id}, "status": {"S": status}}
            for name, status in [("OldImage", before), ("NewImage", after)]
            if status
        }
        place = {"Keys": {"parcel_id": {"S": parcel_id}}, "SequenceNumber": str(number)}
        return {**event["Records"][0], "eventID": f"e-{number}", "dynamodb": {**place, **images}}

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


@pytest.mark.parametrize("record", [None, 7, "text", [], {}, {"dynamodb": {}}, {"dynamodb": {"SequenceNumber": 7}}])
def test_a_record_without_a_place_fails_the_batch_as_a_whole(send: Send, log_lines: LogLines, record: object) -> None:
    assert send(record) == [""]
    assert [line["reason"] for line in log_lines()] == [Reason.WRONG_SHAPE]


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"parcel_id": {"S": "p"}},
        {"parcel_id": {"S": ""}, "status": {"S": "registered"}},
        {"parcel_id": {"S": "x" * 101}, "status": {"S": "registered"}},
        {"parcel_id": {"N": "1" + "0" * 400}, "status": {"S": "registered"}},
        {"parcel_id": {"S": 10**400}, "status": {"S": "registered"}},
        {"parcel_id": {"S": "p"}, "status": {"S": "lost"}},
        {"parcel_id": {"S": "p"}, "status": {"NULL": True}},
        {"parcel_id": {"S": "p"}, "status": "registered"},
        {"parcel_id": [], "status": {"S": "registered"}},
    ],
    ids=str,
)
def test_a_change_of_another_shape_is_rejected_and_named(
    send: Send,
    change: Change,
    log_lines: LogLines,
    image: dict[str, Any],
) -> None:
    record = change(1, None, "registered")
    record["dynamodb"]["NewImage"] = image

    assert send(record) == ["1"]
    [line] = log_lines()
    assert (line["message"], line["reason"], line["sequence_number"]) == ("rejected", Reason.WRONG_SHAPE, "1")


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
