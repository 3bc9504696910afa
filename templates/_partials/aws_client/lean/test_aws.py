"""The client says who it is as botocore does, waits out what passes, and finds its way back after a pause."""

from __future__ import annotations

import calendar
import contextlib
{% if event_source == "object" %}
import functools
{% endif %}
import http.server
import json
import socket
import ssl
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
{% if event_source == "object" %}
from urllib.parse import parse_qs, quote, urlsplit

import boto3
{% elif event_source == "websocket" %}
from urllib.parse import quote

import boto3
{% else %}

{% endif %}
import botocore.auth
import botocore.awsrequest
{% if event_source == "object" %}
import botocore.config
{% endif %}
import botocore.credentials
import pytest
import trustme
from environment import LAMBDA
from hypothesis import given, settings
from hypothesis import strategies as st

from {{ package_name }} import aws
from {{ package_name }}.aws import (
{% if event_source == "websocket" %}
    ApiGatewayManagementApi,
    Credentials,
    DynamoDB,
    GoneError,
    LimitExceededError,
{% else %}
{% if event_source == "object" %}
    S3,
{% endif %}
    ConditionalCheckFailedError,
    Credentials,
    DynamoDB,
{% endif %}
    Request,
    ServiceError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

{% if event_source == "object" %}
    from types_boto3_s3 import S3Client

{% endif %}
{% if event_source == "websocket" %}
    type Answer = tuple[int, object] | tuple[int, object, str]
{% else %}
    type Answer = tuple[int, object]
{% endif %}
    type Connect = Callable[[Mapping[str, str]], DynamoDB]

VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
{% if event_source == "websocket" %}
# botocore takes steps upwards out of a path; no connection is called so.
PATHS = (
    st.text(min_size=1)
    .filter(lambda name: name.strip("."))
    .map(lambda name: f"/live/@connections/{quote(name, safe='')}")
)
{% endif %}

{% if event_source == "object" %}
KEYS = st.text(st.characters(codec="utf-8"), min_size=1)

{% endif %}
# Status and body{{ ", and what API Gateway calls an error in a header" if event_source == "websocket" }}.
DONE: Answer = (200, {})
THROTTLED: Answer = (400, {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down"})
BROKEN: Answer = (500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"})
SILENCE: Answer = (0, {})
HALF: Answer = (-1, {})
{% if event_source == "object" %}
# It begins, and then nothing comes; it does not say how long it is.
STALLED: Answer = (-2, b"begun")
UNMEASURED: Answer = (-3, b"begun")
{% endif %}


class Service(http.server.ThreadingHTTPServer):
    """Gives the answers it was told to, and remembers who called and from which connection."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.calls: list[dict[str, Any]] = []
        self.ends_connections = False
        self.has_left = threading.Event()
        self.over = threading.Event()

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as its parent has it
        """Close a connection, and say so."""
        super().shutdown_request(request)
        self.has_left.set()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent has it
        """Say nothing of a client that hung up, as those do whom some tests let wait."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    @property
    def environment(self) -> dict[str, str]:
        """What a function is told to call this."""
        return {**LAMBDA, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_port}"}


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    server: Service
    protocol_version = "HTTP/1.1"

{% if event_source == "object" %}
    def do_GET(self) -> None:
        self.do_POST()

{% endif %}
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers{{ '.get("content-length", 0)' if event_source == "object" else '["content-length"]' }}))
{% if event_source in ["object", "websocket"] %}
        call = {"path": self.path, "headers": dict(self.headers), "body": body, "from": self.client_address}
        self.server.calls.append(call)
        status, answer{{ ", *error" if event_source == "websocket" }} = self.server.answers.pop(0)
{% else %}
        self.server.calls.append({"headers": dict(self.headers), "body": json.loads(body), "from": self.client_address})
        status, answer = self.server.answers.pop(0)
{% endif %}
        if (status, answer) == SILENCE:
            self.server.over.wait()
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(200 if status < 0 else status)
{% if event_source == "object" %}
        if (status, answer) != UNMEASURED:
            self.send_header("Content-Length", str(len(content) + (status < 0)))
{% else %}
        self.send_header("Content-Length", str(len(content) + (status < 0)))
{% endif %}
{% if event_source == "websocket" %}
        for name in error:
            self.send_header("x-amzn-ErrorType", str(name))
{% endif %}
        self.end_headers()
        self.wfile.write(content)
{% if event_source == "object" %}
        if (status, answer) == STALLED:
            self.server.over.wait()
{% endif %}
        self.close_connection = self.server.ends_connections or status < 0

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    """{{ "AWS" if event_source in ["object", "websocket"] else "DynamoDB" }}, as far as a test says what it answers."""
    service = Service()
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.over.set()
    service.shutdown()
    thread.join()
    service.server_close()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make a client, whose connection ends with the test."""
    with contextlib.ExitStack() as stack:

        def connect(variables: Mapping[str, str]) -> DynamoDB:
            return stack.enter_context(contextlib.closing(DynamoDB(variables)))

        yield connect


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client paused, without anybody having to wait."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


@settings(deadline=None)
@given(
    credentials=st.builds(
        Credentials,
        access_key_id=VISIBLE,
        secret_access_key=VISIBLE,
        session_token=st.none() | VISIBLE,
    ),
{% if event_source == "object" %}
    asked=st.builds(
        Request,
        operation=st.just("GetObject"),
        method=st.just("GET"),
        headers=st.just(
            {
                "host": "deliveries.s3.eu-west-1.amazonaws.com",
                "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            }
        ),
        body=st.just(b""),
        path=KEYS.map(lambda key: f"/{quote(key)}"),
        query=st.just("") | VISIBLE.map(lambda version: f"versionId={quote(version, safe='')}"),
    )
    | st.builds(
        Request,
{% else %}
    asked=st.builds(
        Request,
{% endif %}
        operation=st.just("PutItem"),
        headers=st.fixed_dictionaries(
            {
                "content-type": st.just("application/x-amz-json-1.0"),
                "host": st.sampled_from(["dynamodb.eu-west-1.amazonaws.com", "127.0.0.1:4566"]),
                "x-amz-target": st.text(st.characters(min_codepoint=32, max_codepoint=126)) | st.just(" two  spaces"),
            }
        ),
        body=st.binary(),
{% if event_source == "websocket" %}
        path=st.just("/") | PATHS,
{% endif %}
    ),
    region=st.sampled_from(["eu-west-1", "us-gov-west-1", "cn-north-1"]),
    service=st.sampled_from(["dynamodb", "{{ {"object": "s3", "websocket": "execute-api"}[event_source] | default("sqs") }}"]),
)
def test_signature_is_the_one_that_botocore_makes(
    credentials: Credentials,
    asked: Request,
    region: str,
    service: str,
) -> None:
{% if event_source == "websocket" %}
    url = f"https://{asked.headers['host']}{asked.path}"
{% elif event_source == "object" %}
    url = f"https://{asked.headers['host']}{asked.path}?{asked.query}"
{% else %}
    url = f"https://{asked.headers['host']}/"
{% endif %}
{% if event_source == "object" %}
    # S3 alone signs a path as it is sent.
    auth = botocore.auth.S3SigV4Auth if asked.method == "GET" else botocore.auth.SigV4Auth
    theirs = botocore.awsrequest.AWSRequest(asked.method, url, asked.headers, asked.body)
    auth(
{% else %}
    theirs = botocore.awsrequest.AWSRequest("POST", url, asked.headers, asked.body)
    botocore.auth.SigV4Auth(
{% endif %}
        botocore.credentials.Credentials(
            credentials.access_key_id, credentials.secret_access_key, credentials.session_token
        ),
        service,
        region,
    ).add_auth(theirs)

    # botocore asks the clock itself.
    now = calendar.timegm(time.strptime(theirs.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
    signed = credentials.sign(asked, region=region, service=service, now=now)

    assert signed == {name.lower(): value for name, value in theirs.headers.items()}


@pytest.mark.parametrize(
    ("name", "operation"),
    [
{% if event_source != "workflow" %}
        ("delete_item", "DeleteItem"),
{% endif %}
{% if event_source in ["websocket", "workflow"] %}
        ("get_item", "GetItem"),
{% endif %}
        ("put_item", "PutItem"),
{% if event_source not in ["websocket", "workflow"] %}
        ("update_item", "UpdateItem"),
{% endif %}
    ],
)
def test_call_says_what_it_wants_and_returns_the_answer(
    connect: Connect,
    service: Service,
    name: str,
    operation: str,
) -> None:
    service.answers = [(200, {"Attributes": {"id": {"S": "a"}}})]
    client = connect({**service.environment, "AWS_SESSION_TOKEN": "token"})

    answer = getattr(client, name)(TableName="table", Key={"id": {"S": "ä"}}, ReturnValues="ALL_OLD")

    assert answer == {"Attributes": {"id": {"S": "a"}}}
    [call] = service.calls
    assert {{ 'json.loads(call["body"])' if event_source in ["object", "websocket"] else 'call["body"]' }} == {"TableName": "table", "Key": {"id": {"S": "ä"}}, "ReturnValues": "ALL_OLD"}
    assert call["headers"]["x-amz-target"] == f"DynamoDB_20120810.{operation}"
    assert call["headers"]["x-amz-security-token"] == "token"
    assert call["headers"]["host"] == f"127.0.0.1:{service.server_port}"

{% if event_source == "object" %}

@functools.cache
def _s3_of_boto3(region: str) -> S3Client:
    config = botocore.config.Config(s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"})
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("AWS_ENDPOINT_URL", raising=False)
        return boto3.client("s3", region_name=region, config=config)


@settings(deadline=None)
@given(
    bucket=st.sampled_from(["deliveries", "a-1", "deliveries.example.com", "Deliveries", "de_liveries"]),
    key=KEYS | st.sampled_from(["../a", "a//b", "/a", "100%25/%2F", "two words/a+b"]),
    version=VISIBLE,
    region=st.sampled_from(["us-east-1", "eu-west-1", "cn-north-1"]),
)
def test_object_is_where_botocore_finds_it(bucket: str, key: str, version: str, region: str) -> None:
    asked = {"Bucket": bucket, "Key": key, "VersionId": version}
    url = urlsplit(_s3_of_boto3(region).generate_presigned_url("get_object", Params=asked))

    host, path = S3({**LAMBDA, "AWS_REGION": region}).place_of(bucket, key)

    assert (host, path) == (url.netloc, url.path)
    assert parse_qs(url.query)["versionId"] == [version]


@pytest.fixture
def s3(service: Service) -> Iterator[S3]:
    """A client of S3, whose connection ends with the test."""
    with contextlib.closing(S3(service.environment)) as s3:
        yield s3


def _read(s3: S3, chunk_size: int = 100) -> list[bytes]:
    with contextlib.closing(s3.get_object(Bucket="deliveries", Key="a")["Body"]) as body:
        return list(body.iter_chunks(chunk_size))


@pytest.mark.parametrize("key", ["a.jsonl", "two words/a+b", "100%25/%2F", "M\u00fc/\U0001f4e6", "../a", "a//b"])
@pytest.mark.parametrize("version", [{}, {"VersionId": "v.1+/="}], ids=["as it is", "a version"])
def test_object_is_asked_for_as_botocore_does(s3: S3, service: Service, key: str, version: dict[str, str]) -> None:
    service.answers = [(200, b""), (200, b"")]
    url = service.environment["AWS_ENDPOINT_URL"]

    s3.get_object(Bucket="deliveries", Key=key, **version)["Body"].close()
    with contextlib.closing(boto3.client("s3", endpoint_url=url)) as theirs:
        theirs.get_object(Bucket="deliveries", Key=key, **version)["Body"].close()  # type: ignore[arg-type]

    ours, expected = service.calls
    assert ours["path"] == expected["path"]
    digest = "x-amz-content-sha256"
    assert ours["headers"][digest] == {name.lower(): value for name, value in expected["headers"].items()}[digest]
    assert "/s3/aws4_request" in ours["headers"]["authorization"]


def test_each_bucket_has_a_host_of_its_own(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    called = []

    def refuse(address: tuple[str, int], *_: object) -> None:
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    s3 = S3(LAMBDA)

    for bucket in ("one", "two", "one", "with.dots"):
        with pytest.raises(UnreachableError, match=r"^GetObject: .*ConnectionRefusedError"):
            s3.get_object(Bucket=bucket, Key="a")

    own = "s3.us-east-1.amazonaws.com"
    assert called[:: aws.ATTEMPTS] == [f"one.{own}", f"two.{own}", f"one.{own}", own]
    assert len(pauses) == 4 * (aws.ATTEMPTS - 1)


def test_object_comes_in_chunks_and_leaves_the_connection(s3: S3, service: Service) -> None:
    service.answers = [(200, b"0123456789"), (200, b""), (200, b"01234567")]

    assert [_read(s3, chunk_size=4) for _ in range(3)] == [[b"0123", b"4567", b"89"], [], [b"0123", b"4567"]]

    # An object without a byte was not even begun.
    assert len({call["from"] for call in service.calls}) == 1


def test_what_is_left_of_an_object_is_not_taken_for_the_next(s3: S3, service: Service) -> None:
    service.answers = [(200, b"0123456789"), (200, b"next")]
    with contextlib.closing(s3.get_object(Bucket="deliveries", Key="a")["Body"]) as body:
        assert next(body.iter_chunks(4)) == b"0123"

    assert _read(s3) == [b"next"]

    assert len({call["from"] for call in service.calls}) == 2


@pytest.mark.parametrize(
    ("begun", "told"),
    [
        ((-1, b"0123"), "IncompleteRead: .*0 bytes read, 1 more expected"),
        ((-1, b""), "IncompleteRead: .*0 bytes read, 1 more expected"),
        (STALLED, "TimeoutError"),
    ],
    ids=["cut off", "empty", "stalled"],
)
def test_object_that_ends_early_is_an_error_and_is_not_begun_again(
    s3: S3,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    begun: Answer,
    told: str,
) -> None:
    monkeypatch.setattr(aws, "READ_SECONDS", 0.05)
    service.answers = [begun, (200, b"next")]

    with pytest.raises(UnreachableError, match=f"^GetObject: 127.0.0.1:.*: {told}"):
        _read(s3, chunk_size=2)

    assert len(service.calls) == 1
    assert _read(s3) == [b"next"]


def test_object_of_unsaid_length_is_not_read(s3: S3, service: Service, pauses: list[float]) -> None:
    service.answers = [UNMEASURED] * aws.ATTEMPTS

    with pytest.raises(UnreachableError, match="does not say how long it is"):
        _read(s3)

    assert len(pauses) == aws.ATTEMPTS - 1


SLOW_DOWN: Answer = (503, b"<?xml version='1.0'?>\n<Error><Code>SlowDown</Code><Message>Please wait.</Message></Error>")


@pytest.mark.parametrize("passing", [SLOW_DOWN, (500, b""), SILENCE], ids=["503", "500", "silence"])
def test_what_passes_before_an_object_begins_is_waited_out(
    s3: S3,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    pauses: list[float],
    passing: Answer,
) -> None:
    monkeypatch.setattr(aws, "READ_SECONDS", 0.05)
    service.answers = [passing, passing, (200, b"whole")]

    assert _read(s3) == [b"whole"]

    assert len(pauses) == 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, b"<Error><Code>NoSuchKey</Code><Message>It is gone.</Message></Error>"), "NoSuchKey: It is gone"),
        ((403, b"<Error><Code>AccessDenied</Code><Message>No.</Message></Error>"), "AccessDenied: No"),
        ((301, b"<html>"), "Unknown: b'<html>'"),
    ],
    ids=["404", "403", "301"],
)
def test_object_that_cannot_be_had_is_not_asked_for_again(s3: S3, service: Service, answer: Answer, told: str) -> None:
    service.answers = [answer]

    with pytest.raises(ServiceError, match=rf"^{told}.* \(HTTP {answer[0]}\)$"):
        _read(s3)

    assert len(service.calls) == 1

{% endif %}
{% if event_source in ["object", "websocket"] %}

def test_certificates_are_read_once_for_both_clients(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    read = []
    make = ssl.create_default_context

    def counted(*, cafile: str) -> ssl.SSLContext:
        read.append(cafile)
        return make(cafile=cafile)

    monkeypatch.setattr(ssl, "create_default_context", counted)
    variables = {**LAMBDA, "AWS_CA_BUNDLE": str(bundle)}

    DynamoDB(variables)
    {{ {"object": "S3(variables)", "websocket": 'ApiGatewayManagementApi(variables, "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/live")'}[event_source] }}

    assert read == [str(bundle)]

{% endif %}
{% if event_source == "websocket" %}

def test_query_asks_for_a_page_when_the_one_before_is_used(connect: Connect, service: Service) -> None:
    last = {"connection_id": {"S": "b"}}
    service.answers = [(200, {"Items": [1, 2], "LastEvaluatedKey": last}), (200, {"Items": [3]})]
    pages = connect(service.environment).query_pages(TableName="table")

    assert next(pages)["Items"] == [1, 2]
    assert len(service.calls) == 1
    assert [page["Items"] for page in pages] == [[3]]

    assert {call["headers"]["x-amz-target"] for call in service.calls} == {"DynamoDB_20120810.Query"}
    asked = [json.loads(call["body"]) for call in service.calls]
    assert asked == [{"TableName": "table"}, {"TableName": "table", "ExclusiveStartKey": last}]


@pytest.fixture
def clients(service: Service) -> Iterator[ApiGatewayManagementApi]:
    """The clients of a stage."""
    url = f"http://127.0.0.1:{service.server_port}/live"
    with contextlib.closing(ApiGatewayManagementApi(LAMBDA, url)) as clients:
        yield clients


@pytest.mark.parametrize("name", ["GYp-0dJmIAMCKLw=", "a/b c%2F+ä@~"])
def test_post_is_the_one_that_botocore_sends(clients: ApiGatewayManagementApi, service: Service, name: str) -> None:
    service.answers = [DONE, DONE]
    url = f"http://127.0.0.1:{service.server_port}/live"

    clients.post_to_connection(ConnectionId=name, Data=b"\xff{}")
    with contextlib.closing(boto3.client("apigatewaymanagementapi", endpoint_url=url)) as theirs:
        theirs.post_to_connection(ConnectionId=name, Data=b"\xff{}")

    ours, expected = service.calls
    assert (ours["path"], ours["body"]) == (expected["path"], expected["body"])
    assert "/execute-api/aws4_request" in ours["headers"]["authorization"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((410, {"message": None}, "GoneException"), (GoneError, 1)),
        ((410, b"", "GoneException:http://internal.amazon.com/coral/"), (GoneError, 1)),
        ((429, {"message": "slow down"}, "LimitExceededException"), (LimitExceededError, aws.ATTEMPTS)),
        ((403, {"message": "no"}, "ForbiddenException"), (ServiceError, 1)),
        ((500, b""), (ServiceError, aws.ATTEMPTS)),
        (HALF, (UnreachableError, aws.ATTEMPTS)),
    ],
    ids=["gone", "gone without a body", "too busy", "forbidden", "broken", "half"],
)
def test_why_a_client_was_not_reached_is_told_apart(
    clients: ApiGatewayManagementApi,
    service: Service,
    pauses: list[float],
    answer: Answer,
    expected: tuple[type[aws.AwsError], int],
) -> None:
    service.answers = [answer] * 9

    with pytest.raises(aws.AwsError) as caught:
        clients.post_to_connection(ConnectionId="a", Data=b"{}")

    assert (type(caught.value), len(service.calls)) == expected
    assert len(pauses) == len(service.calls) - 1

{% endif %}

@pytest.mark.parametrize("passing", [THROTTLED, BROKEN, (503, b"<html>"), HALF], ids=["400", "500", "503", "half"])
def test_what_passes_is_waited_out(connect: Connect, service: Service, pauses: list[float], passing: Answer) -> None:
    service.answers = [passing, {{ "" if event_source == "websocket" else "passing, " }}DONE]

    assert connect(service.environment).put_item(TableName="table") == {}

    assert len(service.calls) == {{ 2 if event_source == "websocket" else 3 }}
    assert len(pauses) == {{ 1 if event_source == "websocket" else 2 }}
    assert all(0 <= pause <= aws.PAUSE_SECONDS * number for number, pause in enumerate(pauses, start=1))


@pytest.mark.parametrize(("lasting", "code"), [(THROTTLED, "ThrottlingException"), ((503, b"<html>"), "Unknown")])
def test_what_does_not_pass_is_given_up(
    connect: Connect,
    service: Service,
    pauses: list[float],
    lasting: Answer,
    code: str,
) -> None:
    service.answers = [lasting] * 9

    with pytest.raises(ServiceError) as caught:
        connect(service.environment).put_item(TableName="table")

    assert (caught.value.code, caught.value.status) == (code, lasting[0])
    assert (len(service.calls), len(pauses)) == (aws.ATTEMPTS, aws.ATTEMPTS - 1)


def test_what_repetition_cannot_mend_is_not_repeated(connect: Connect, service: Service) -> None:
    service.answers = [(400, {"__type": "com.amazon.coral.validate#ValidationException", "message": "no table"})]

    with pytest.raises(ServiceError, match=r"^ValidationException: no table \(HTTP 400\)$"):
        connect(service.environment).put_item()

    assert len(service.calls) == 1


{% if event_source != "websocket" %}
def test_condition_that_does_not_hold_is_told_apart_and_brings_what_stands_there(
    connect: Connect,
    service: Service,
) -> None:
    code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    service.answers = [(400, {"__type": code, "message": "failed", "Item": {"id": {"S": "a"}}})]

    with pytest.raises(ConditionalCheckFailedError) as caught:
        connect(service.environment).put_item()

    assert caught.value.item == {"id": {"S": "a"}}


{% endif %}
def test_calls_share_a_connection(connect: Connect, service: Service) -> None:
    service.answers = [DONE, THROTTLED, DONE]
    client = connect(service.environment)

    client.put_item()
    client.put_item()

    assert len({call["from"] for call in service.calls}) == 1


def test_connection_that_was_closed_in_a_pause_costs_no_attempt(
    connect: Connect,
    service: Service,
    pauses: list[float],
) -> None:
    """Lambda freezes the environment between two events; DynamoDB does not wait for it."""
    service.answers = [DONE, DONE]
    service.ends_connections = True
    client = connect(service.environment)
    client.put_item()
    assert service.has_left.wait(timeout=5)

    client.put_item()

    assert len({call["from"] for call in service.calls}) == 2
    assert pauses == []


def test_silence_ends(connect: Connect, service: Service, monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    monkeypatch.setattr(aws, "READ_SECONDS", 0.05)
    service.answers = [SILENCE] * 9

    with pytest.raises(UnreachableError, match=r"^PutItem: 127.0.0.1:.*: TimeoutError: timed out$"):
        connect(service.environment).put_item()

    assert (len(service.calls), len(pauses)) == (aws.ATTEMPTS, aws.ATTEMPTS - 1)


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({"AWS_REGION": "eu-west-1"}, "dynamodb.eu-west-1.amazonaws.com"),
        ({"AWS_REGION": "cn-north-1"}, "dynamodb.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "https://all.example"}, "all.example"),
        ({"AWS_ENDPOINT_URL": "https://all.example", "AWS_ENDPOINT_URL_DYNAMODB": "http://one.example"}, "one.example"),
    ],
)
def test_place_that_is_called(
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    pauses: list[float],
    variables: dict[str, str],
    host: str,
) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)

    with pytest.raises(UnreachableError, match=f"^PutItem: {host}: ConnectionRefusedError"):
        connect({**LAMBDA, **variables}).put_item()
    assert len(pauses) == aws.ATTEMPTS - 1


def test_only_a_service_that_somebody_vouches_for_is_spoken_to(
    connect: Connect,
    service: Service,
    tmp_path: Path,
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    service.socket = context.wrap_socket(service.socket, server_side=True)
    service.answers = [DONE]
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    environment = {**service.environment, "AWS_ENDPOINT_URL": f"https://127.0.0.1:{service.server_port}"}

    with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        connect(environment).put_item()
    connect({**environment, "AWS_CA_BUNDLE": str(tmp_path / "authority.pem")}).put_item()

    assert len(service.calls) == 1


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"])
def test_start_without_what_lambda_gives_names_it(connect: Connect, name: str) -> None:
    with pytest.raises(KeyError, match=name):
        connect({key: value for key, value in LAMBDA.items() if key != name})


def test_secrets_do_not_reach_a_log() -> None:
    credentials = Credentials(access_key_id="AKIA", secret_access_key="hidden", session_token="hidden")  # noqa: S106

    assert "hidden" not in repr(credentials)
