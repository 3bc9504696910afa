"""Events as API Gateway sends them, the good and the bad ones; what is asked of AWS is checked against its API."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from parcel_rooms.handlers import websocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Send = Callable[..., dict[str, Any]]
    type LogLines = Callable[[], list[dict[str, Any]]]

SENDER = "GYp-0dJmIAMCKLw="
KEY = {"TableName": "connections", "Key": {"connection_id": {"S": SENDER}}}
NOW = 1_795_424_400
UNREACHABLE = EndpointConnectionError(endpoint_url=websocket.settings.callback_url)


@pytest.fixture
def table() -> Iterator[Stubber]:
    """What the function may ask of DynamoDB, in this order, and all of it."""
    with Stubber(websocket.table) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def clients() -> Iterator[Stubber]:
    """What the function may send to clients, in this order, and all of it."""
    with Stubber(websocket.clients) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def send(event: dict[str, Any], context: LambdaContext, table: Stubber, clients: Stubber) -> Send:
    """Send the sample event on some route, with some of its parts replaced."""
    assert table
    assert clients

    def send(route: str = "say", **parts: object) -> dict[str, Any]:
        about = {**event["requestContext"], "routeKey": route}
        return dict(websocket.lambda_handler({**event, "requestContext": about, **parts}, context))

    return send


def member(table: Stubber, room: str = "lobby") -> None:
    """The sender is in a room."""
    asked = {**KEY, "ConsistentRead": True}
    table.add_response("get_item", {"Item": {"connection_id": {"S": SENDER}, "room": {"S": room}}}, asked)


def members(table: Stubber, *pages: tuple[str, ...]) -> None:
    """Who is in the room, page by page."""
    asked: dict[str, Any] = {
        "TableName": "connections",
        "IndexName": "by_room",
        "KeyConditionExpression": "room = :room",
        "ExpressionAttributeValues": {":room": {"S": "lobby"}},
    }
    for number, page in enumerate(pages, start=1):
        answer: dict[str, Any] = {"Items": [{"connection_id": {"S": name}, "room": {"S": "lobby"}} for name in page]}
        last_key = {"connection_id": {"S": page[-1]}}
        table.add_response("query", answer if number == len(pages) else {**answer, "LastEvaluatedKey": last_key}, asked)
        asked = {**asked, "ExclusiveStartKey": last_key}


def hears(clients: Stubber, name: str, **message: str) -> None:
    """One client gets a message."""
    data = json.dumps(message, separators=(",", ":")).encode()
    clients.add_response("post_to_connection", {}, {"ConnectionId": name, "Data": data})


class Refusal:
    """Equal to any error message of a code; none quotes the whole of what was sent."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __eq__(self, data: object) -> bool:
        message = json.loads(data) if isinstance(data, bytes) and len(data) < 1_000 else {}
        said = {name: message.get(name) for name in ("type", "code", "correlation_id")}
        return said == {"type": "error", "code": self.code, "correlation_id": "GYqAGH8sIAMFz1A="}

    __hash__ = None  # type: ignore[assignment]


def is_refused(clients: Stubber, code: str) -> None:
    """The sender gets an error message of a code."""
    clients.add_response("post_to_connection", {}, {"ConnectionId": SENDER, "Data": Refusal(code)})


def test_who_connects_is_remembered_for_two_hours(
    send: Send,
    table: Stubber,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    item = {"connection_id": {"S": SENDER}, "room": {"S": "lobby"}, "expires_at": {"N": str(NOW + 7_200)}}
    table.add_response("put_item", {}, {"TableName": "connections", "Item": item})

    assert send("$connect", queryStringParameters={"room": "lobby"}, body=None) == {"statusCode": 200}


@pytest.mark.parametrize("parameters", [None, {}, {"room": ""}, {"room": "No room!"}, {"room": "x" * 40_000}])
def test_who_names_no_room_is_not_let_in(send: Send, parameters: dict[str, str] | None) -> None:
    assert send("$connect", queryStringParameters=parameters, body=None) == {"statusCode": 400}


def test_who_goes_is_forgotten(send: Send, table: Stubber) -> None:
    table.add_response("delete_item", {}, KEY)

    assert send("$disconnect", body=None) == {"statusCode": 200}


def test_everybody_in_the_room_hears_what_is_said(send: Send, table: Stubber, clients: Stubber) -> None:
    member(table)
    members(table, (SENDER, "second="), ("third=",))
    for name in (SENDER, "second=", "third="):
        hears(clients, name, type="said", room="lobby", text="hello")

    assert send() == {"statusCode": 200}


def test_who_has_gone_unnoticed_is_forgotten_and_the_others_hear(send: Send, table: Stubber, clients: Stubber) -> None:
    member(table)
    members(table, ("gone=", SENDER))
    clients.add_client_error("post_to_connection", "GoneException", http_status_code=410)
    table.add_response("delete_item", {}, {**KEY, "Key": {"connection_id": {"S": "gone="}}})
    hears(clients, SENDER, type="said", room="lobby", text="hello")

    assert send() == {"statusCode": 200}


def test_who_is_too_busy_to_hear_keeps_nobody_else_from_it(
    send: Send,
    table: Stubber,
    clients: Stubber,
    log_lines: LogLines,
) -> None:
    member(table)
    members(table, ("busy=", SENDER))
    clients.add_client_error("post_to_connection", "LimitExceededException", http_status_code=429)
    hears(clients, SENDER, type="said", room="lobby", text="hello")

    assert send() == {"statusCode": 200}
    assert [line["message"] for line in log_lines()] == ["not delivered", "said"]
    assert log_lines()[-1]["reached"] == 1


def test_who_cannot_be_reached_is_counted(
    send: Send,
    table: Stubber,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def unreachable(**_: object) -> None:
        raise UNREACHABLE

    member(table)
    members(table, (SENDER,))
    monkeypatch.setattr(websocket.clients, "post_to_connection", unreachable)

    assert send() == {"statusCode": 200}
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [line["Undelivered"] for line in metrics if "Undelivered" in line] == [[1.0]]


def test_who_is_in_no_room_is_told(send: Send, table: Stubber, clients: Stubber) -> None:
    table.add_response("get_item", {}, {**KEY, "ConsistentRead": True})
    is_refused(clients, "not_connected")

    assert send() == {"statusCode": 200}


@pytest.mark.parametrize("route", ["say", "$default", "no_such_route"])
@pytest.mark.parametrize(
    "body",
    [None, "", "{", "nonsense", '{"action": NaN}', "\ud800", '{"action": "say", "text": "hello"} and more'],
    ids=["none", "empty", "cut off", "no JSON", "NaN", "lone surrogate", "two documents"],
)
def test_what_is_not_json_is_refused(send: Send, clients: Stubber, route: str, body: str | None) -> None:
    is_refused(clients, "not_json")

    assert send(route, body=body) == {"statusCode": 200}


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "null",
        "[" * 5_000 + "]" * 5_000,
        "{}",
        '{"action": "say"}',
        '{"action": "say", "text": 1}',
        '{"action": "say", "text": 1e400}',
        '{"action": "say", "text": 1' + "0" * 400 + "}",
        '{"action": "say", "text": null}',
        '{"action": "say", "text": "hello", "version": 2}',
        '{"action": "say", "text": "hello", "' + "x" * 5_000 + '": 1}',
    ],
)
def test_what_has_another_shape_is_refused(send: Send, clients: Stubber, body: str) -> None:
    is_refused(clients, "wrong_shape")

    assert send(body=body) == {"statusCode": 200}


def test_what_says_nothing_is_refused(send: Send, table: Stubber, clients: Stubber) -> None:
    member(table)
    is_refused(clients, "wrong_shape")

    assert send(body='{"action": "say", "text": " "}') == {"statusCode": 200}


@pytest.mark.parametrize("body", ["{}", '{"action": "sing"}', '{"action": 1}', '{"text": "hello", "version": 9}'])
def test_an_unknown_action_is_told_the_known_ones(
    send: Send,
    clients: Stubber,
    log_lines: LogLines,
    body: str,
) -> None:
    is_refused(clients, "unknown_action")

    assert send("$default", body=body) == {"statusCode": 200}
    assert [line["detail"] for line in log_lines()] == ["Name an action: say."]


@pytest.mark.parametrize("route", ["say", "$default"])
def test_a_message_above_the_limit_is_refused_unread(send: Send, clients: Stubber, route: str) -> None:
    is_refused(clients, "too_large")

    assert send(route, body=" " * (websocket.settings.max_message_bytes + 1)) == {"statusCode": 200}


def test_what_would_be_sent_above_the_limit_is_refused(send: Send, table: Stubber, clients: Stubber) -> None:
    around = '{"action":"say","text":""}'
    member(table, room="x" * 32)
    is_refused(clients, "too_large")

    text = "x" * (websocket.settings.max_message_bytes - len(around))
    assert send(body=around.replace('""', f'"{text}"')) == {"statusCode": 200}


def test_a_binary_message_is_refused(send: Send, clients: Stubber) -> None:
    is_refused(clients, "not_text")

    assert send(body="aGVsbG8=", isBase64Encoded=True) == {"statusCode": 200}


def test_who_has_gone_before_the_refusal_is_forgotten(send: Send, table: Stubber, clients: Stubber) -> None:
    clients.add_client_error("post_to_connection", "GoneException", http_status_code=410)
    table.add_response("delete_item", {}, KEY)

    assert send(body="{") == {"statusCode": 200}


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"requestContext": {}}, {"requestContext": {"routeKey": 1}}])
def test_what_is_no_websocket_event_is_refused_and_logged(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: LogLines,
) -> None:
    assert websocket.lambda_handler(event, context) == {"statusCode": 400}
    assert [line["message"] for line in log_lines()] == ["not a WebSocket event"]


def test_a_failure_of_the_service_is_logged_and_raised(send: Send, table: Stubber, log_lines: LogLines) -> None:
    table.add_client_error("get_item", "AccessDeniedException")

    with pytest.raises(websocket.table.exceptions.ClientError):
        send()

    [line] = log_lines()
    assert (line["level"], line["correlation_id"]) == ("ERROR", "GYqAGH8sIAMFz1A=")


@pytest.mark.parametrize(
    ("route", "outcome"),
    [("$disconnect", "Answered"), ("$connect", "Refused")],
)
def test_every_event_is_counted_by_its_outcome(
    send: Send,
    table: Stubber,
    capsys: pytest.CaptureFixture[str],
    route: str,
    outcome: str,
) -> None:
    if outcome == "Answered":
        table.add_response("delete_item", {}, KEY)

    send(route)

    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[outcome] for line in metrics if outcome in line] == [[1.0]]
    assert {line["environment"] for line in metrics if outcome in line} == {websocket.settings.environment}
