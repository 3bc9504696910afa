"""Events as S3 sends them through EventBridge, the good and the bad ones, with S3 and DynamoDB {{ {"boto3": "in this process", "lean": "on loopback"}[aws_client] }}."""

from __future__ import annotations

import contextlib
import copy
{% if aws_client == "lean" %}
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from unit.dynamodb import UNREACHABLE, records

from {{ package_name }}.aws import StreamingBody, UnreachableError
{% else %}
import io
import json
from typing import IO, TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from unit.dynamodb import UNREACHABLE, records

{% endif %}
from {{ package_name }}.event import Reason, RejectedError
from {{ package_name }}.handlers import object as handler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type LogLines = Callable[[], list[dict[str, Any]]]
    type Put = Callable[[str, bytes], dict[str, Any]]
    type Records = Callable[[], list[dict[str, Any]]]

__all__ = ["records"]

PARCELS = b'{"parcel_id": "a", "weight_grams": 700}\n{"parcel_id": "b", "weight_grams": 1200}\n'
ADDED_UP = {"parcels": 2, "weight_grams": 1900, "heaviest_grams": 1200}
BUCKET = "deliveries"


@pytest.fixture
def put(event: dict[str, Any], records: Records) -> Iterator[Put]:
    """Write an object, and return the event that tells of it."""
    assert records() == []
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def put(key: str, body: bytes) -> dict[str, Any]:
        version_id = s3.put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"]
        told = copy.deepcopy(event)
        told["detail"]["object"] |= {"key": key, "size": len(body), "version-id": version_id}
        return told

    yield put
    versions = s3.list_object_versions(Bucket=BUCKET).get("Versions", [])
    for version in versions:
        s3.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.mark.parametrize(
    "key",
    [
        "parcels.jsonl",
        "two words/a+b.jsonl",
        "100%25/%2F.jsonl",
        "M\u00fcnchen/\u7bb1 \U0001f4e6.jsonl",
        "../a",
        "a//b",
    ],
)
def test_an_object_is_added_up_whatever_its_key(
    put: Put,
    context: LambdaContext,
    log_lines: LogLines,
    key: str,
) -> None:
    handler.lambda_handler(put(key, PARCELS), context)

    [line] = log_lines()
    assert line["message"] == "added up"
    assert line["identity"].startswith(f"{BUCKET}/{key}#")
    assert {name: line[name] for name in ADDED_UP} == ADDED_UP


def test_an_object_that_is_told_of_twice_is_added_up_once(
    put: Put,
    context: LambdaContext,
    log_lines: LogLines,
) -> None:
    event = put("parcels.jsonl", PARCELS)

    for _ in range(2):
        handler.lambda_handler(event, context)

    assert [line["message"] for line in log_lines()] == ["added up"]


def test_each_version_of_a_key_is_added_up(put: Put, context: LambdaContext, log_lines: LogLines) -> None:
    events = [put("parcels.jsonl", PARCELS), put("parcels.jsonl", PARCELS * 2)]

    for event in events:
        handler.lambda_handler(event, context)

    assert [line["parcels"] for line in log_lines()] == [2, 4]


def test_an_event_without_a_version_reads_the_object_as_it_is(
    put: Put,
    context: LambdaContext,
    log_lines: LogLines,
) -> None:
    event = put("parcels.jsonl", PARCELS)
    del event["detail"]["object"]["version-id"]

    handler.lambda_handler(event, context)

    [line] = log_lines()
    assert line["identity"] == f"{BUCKET}/parcels.jsonl#{event['detail']['object']['sequencer']}"


def test_an_empty_object_adds_up_to_nothing(put: Put, context: LambdaContext, log_lines: LogLines) -> None:
    handler.lambda_handler(put("folder/", b""), context)

    assert [line["parcels"] for line in log_lines()] == [0]


{% if aws_client == "lean" %}
def test_a_large_object_is_read_in_chunks(
    put: Put,
    records: Records,
    context: LambdaContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    chunks_of = StreamingBody.iter_chunks

    def recorded(body: StreamingBody, chunk_size: int) -> Iterator[bytes]:
        for chunk in chunks_of(body, chunk_size):
            sizes.append(len(chunk))
            yield chunk

    monkeypatch.setattr(StreamingBody, "iter_chunks", recorded)
    line = PARCELS.splitlines(keepends=True)[0].rstrip().ljust(99) + b"\n"
    handler.lambda_handler(put("large.jsonl", line * 70_000), context)

    assert len(sizes) > 5
    assert {*sizes[:-1]} == {handler.CHUNK_BYTES}
    [record] = records()
    assert json.loads(record["data"]["S"])["parcels"] == 70_000


def test_a_connection_that_breaks_fails_and_is_tried_again(
    put: Put,
    records: Records,
    context: LambdaContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object) -> Iterator[bytes]:
        yield PARCELS
        raise UNREACHABLE

    event = put("parcels.jsonl", PARCELS)
    with monkeypatch.context() as patched:
        patched.setattr(StreamingBody, "iter_chunks", breaks)
        with pytest.raises(UnreachableError):
            handler.lambda_handler(event, context)

    assert records() == [], "nothing may be remembered as done that failed"
{% else %}
def test_a_large_object_is_read_in_chunks(event: dict[str, Any], records: Records, context: LambdaContext) -> None:
    parcels = _Parcels(count=70_000)
    answer = {"Body": StreamingBody(cast("IO[bytes]", parcels), parcels.size)}

    with Stubber(handler.s3) as stub:
        stub.add_response("get_object", answer, _wanted(event))
        handler.lambda_handler(event, context)

    assert parcels.size > 5 * handler.CHUNK_BYTES
    assert parcels.largest_read == handler.CHUNK_BYTES
    [record] = records()
    assert json.loads(record["data"]["S"])["parcels"] == 70_000


def test_a_connection_that_breaks_fails_and_is_tried_again(
    event: dict[str, Any],
    records: Records,
    context: LambdaContext,
) -> None:
    cut = StreamingBody(io.BytesIO(PARCELS), len(PARCELS) + 1)

    with Stubber(handler.s3) as stub:
        stub.add_response("get_object", {"Body": cut}, _wanted(event))
        with pytest.raises(Exception, match="bytes"):
            handler.lambda_handler(event, context)

    assert records() == [], "nothing may be remembered as done that failed"
{% endif %}


@pytest.mark.parametrize("body", [b"no JSON", b"\xff\xfe", b"x" * 2_000, PARCELS + b'{"parcel_id": "c"}'])
def test_an_object_that_is_no_delivery_is_rejected_and_not_remembered(
    put: Put,
    records: Records,
    context: LambdaContext,
    log_lines: LogLines,
    body: bytes,
) -> None:
    with pytest.raises(RejectedError):
        handler.lambda_handler(put("parcels.jsonl", body), context)

    assert _rejections(log_lines()) == [Reason.IMPLAUSIBLE]
    assert records() == []


def test_an_object_that_is_gone_fails_loudly(put: Put, context: LambdaContext, log_lines: LogLines) -> None:
    event = put("parcels.jsonl", PARCELS)
    event["detail"]["object"]["key"] = "another.jsonl"

    with pytest.raises(Exception, match="NoSuch"):
        handler.lambda_handler(event, context)

    assert [(line["level"], line["message"]) for line in log_lines()] == [("ERROR", "failed")]


def test_a_table_that_cannot_be_reached_fails_and_is_tried_again(
    put: Put,
    context: LambdaContext,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise UNREACHABLE

    event = put("parcels.jsonl", PARCELS)
    with monkeypatch.context() as patched:
        patched.setattr(handler.records.client, "put_item", unreachable)
        with pytest.raises(Exception, match="Failed to save in progress record"):
            handler.lambda_handler(event, context)
    handler.lambda_handler(event, context)

    assert [line["message"] for line in log_lines()] == ["failed", "added up"]
    assert type(UNREACHABLE).__name__ in log_lines()[0]["exception"]


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"source": "aws.s3"}, {"detail": None}, {"detail-type": 1}])
def test_what_is_no_such_event_is_rejected(event: dict[str, Any], context: LambdaContext, log_lines: LogLines) -> None:
    with pytest.raises(RejectedError):
        handler.lambda_handler(event, context)

    assert _rejections(log_lines()) == [Reason.WRONG_SHAPE]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""},
        {"key": "x" * 1025},
        {"key": None},
        {"size": -1},
        {"size": 10**400},
        {"size": 1.5},
        {"size": "86"},
        {"sequencer": None},
        {"version-id": 7},
    ],
    ids=str,
)
def test_an_event_with_a_wrong_object_is_rejected(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: LogLines,
    wrong: dict[str, Any],
) -> None:
    event["detail"]["object"] |= wrong

    with pytest.raises(RejectedError):
        handler.lambda_handler(event, context)

    assert _rejections(log_lines()) == [Reason.WRONG_SHAPE]


def test_an_unknown_version_is_rejected(event: dict[str, Any], context: LambdaContext, log_lines: LogLines) -> None:
    event["detail"]["version"] = "1"

    with pytest.raises(RejectedError):
        handler.lambda_handler(event, context)

    assert _rejections(log_lines()) == [Reason.UNKNOWN_VERSION]


@pytest.mark.parametrize(("body", "outcome"), [(PARCELS, "Done"), (b"no JSON", "Rejected")])
def test_every_object_is_counted_by_its_outcome(
    put: Put,
    context: LambdaContext,
    capsys: pytest.CaptureFixture[str],
    body: bytes,
    outcome: str,
) -> None:
    event = put("parcels.jsonl", body)
    with contextlib.suppress(RejectedError):
        handler.lambda_handler(event, context)

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [line[outcome] for line in counted if outcome in line] == [[1.0]]


{% if aws_client == "boto3" %}
class _Parcels(io.RawIOBase):
    """Many parcels that exist only while they are read."""

    def __init__(self, *, count: int) -> None:
        self._line = PARCELS.splitlines(keepends=True)[0].rstrip().ljust(99) + b"\n"
        self.size = count * len(self._line)
        self.largest_read = 0
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        wanted = self.size - self._at if size < 0 else min(size, self.size - self._at)
        self.largest_read = max(self.largest_read, wanted)
        begin = self._at % len(self._line)
        self._at += wanted
        return (self._line * (wanted // len(self._line) + 2))[begin : begin + wanted]


def _wanted(event: dict[str, Any]) -> dict[str, str]:
    stored = event["detail"]["object"]
    return {"Bucket": BUCKET, "Key": stored["key"], "VersionId": stored["version-id"]}


{% endif %}
def _rejections(lines: list[dict[str, Any]]) -> list[str]:
    return [line["reason"] for line in lines if line["message"] == "rejected"]
