"""The client says who it is as botocore does, waits out what passes, and finds its way back after a pause."""

from __future__ import annotations

import calendar
import contextlib
import http.server
import json
import socket
import ssl
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
import trustme
from environment import LAMBDA
from hypothesis import given, settings
from hypothesis import strategies as st

from parcel_surcharges import aws
from parcel_surcharges.aws import (
    ConditionalCheckFailedError,
    Credentials,
    DynamoDB,
    Request,
    ServiceError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    type Answer = tuple[int, object]
    type Connect = Callable[[Mapping[str, str]], DynamoDB]

VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)

# Status and body.
DONE: Answer = (200, {})
THROTTLED: Answer = (400, {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down"})
BROKEN: Answer = (500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"})
SILENCE: Answer = (0, {})
HALF: Answer = (-1, {})


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

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.calls.append({"headers": dict(self.headers), "body": json.loads(body), "from": self.client_address})
        status, answer = self.server.answers.pop(0)
        if (status, answer) == SILENCE:
            self.server.over.wait()
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(200 if status < 0 else status)
        self.send_header("Content-Length", str(len(content) + (status < 0)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.server.ends_connections or status < 0

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    """DynamoDB, as far as a test says what it answers."""
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
    asked=st.builds(
        Request,
        operation=st.just("PutItem"),
        headers=st.fixed_dictionaries(
            {
                "content-type": st.just("application/x-amz-json-1.0"),
                "host": st.sampled_from(["dynamodb.eu-west-1.amazonaws.com", "127.0.0.1:4566"]),
                "x-amz-target": st.text(st.characters(min_codepoint=32, max_codepoint=126)) | st.just(" two  spaces"),
            }
        ),
        body=st.binary(),
    ),
    region=st.sampled_from(["eu-west-1", "us-gov-west-1", "cn-north-1"]),
    service=st.sampled_from(["dynamodb", "sqs"]),
)
def test_signature_is_the_one_that_botocore_makes(
    credentials: Credentials,
    asked: Request,
    region: str,
    service: str,
) -> None:
    url = f"https://{asked.headers['host']}/"
    theirs = botocore.awsrequest.AWSRequest("POST", url, asked.headers, asked.body)
    botocore.auth.SigV4Auth(
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
        ("delete_item", "DeleteItem"),
        ("put_item", "PutItem"),
        ("update_item", "UpdateItem"),
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
    assert call["body"] == {"TableName": "table", "Key": {"id": {"S": "ä"}}, "ReturnValues": "ALL_OLD"}
    assert call["headers"]["x-amz-target"] == f"DynamoDB_20120810.{operation}"
    assert call["headers"]["x-amz-security-token"] == "token"
    assert call["headers"]["host"] == f"127.0.0.1:{service.server_port}"


@pytest.mark.parametrize("passing", [THROTTLED, BROKEN, (503, b"<html>"), HALF], ids=["400", "500", "503", "half"])
def test_what_passes_is_waited_out(connect: Connect, service: Service, pauses: list[float], passing: Answer) -> None:
    service.answers = [passing, passing, DONE]

    assert connect(service.environment).put_item(TableName="table") == {}

    assert len(service.calls) == 3
    assert len(pauses) == 2
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


def test_condition_that_does_not_hold_is_told_apart_and_brings_what_stands_there(
    connect: Connect,
    service: Service,
) -> None:
    code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    service.answers = [(400, {"__type": code, "message": "failed", "Item": {"id": {"S": "a"}}})]

    with pytest.raises(ConditionalCheckFailedError) as caught:
        connect(service.environment).put_item()

    assert caught.value.item == {"id": {"S": "a"}}


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
