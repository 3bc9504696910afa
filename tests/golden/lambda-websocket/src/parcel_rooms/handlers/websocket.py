"""WebSocket events in, domain, messages out.

API Gateway holds the connections and matches the route (`Routes` in template.yaml), `ROUTES` below says who answers
it. What is created here at import is created once per execution environment; nothing else happens at import.
"""

from __future__ import annotations

import os
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import boto3
import msgspec
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from parcel_rooms import domain
from parcel_rooms.event import Code, Event, RefusedError
from parcel_rooms.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

SERVICE = "parcel-rooms"

settings = Settings.from_environment(os.environ)
logger = Logger(service=SERVICE, environment=settings.environment)
metrics = Metrics(namespace=SERVICE, service=SERVICE)
metrics.set_default_dimensions(environment=settings.environment)

# The runtime brings boto3. What hangs must not take the whole invocation with it.
_patience = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
table = boto3.client("dynamodb", config=_patience)
clients = boto3.client("apigatewaymanagementapi", endpoint_url=settings.callback_url, config=_patience)
_OUT_OF_REACH = (clients.exceptions.LimitExceededException, BotoCoreError)

# API Gateway closes every connection two hours after it began.
CONNECTION_SECONDS = 7_200


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The message `say`."""

    action: str
    text: str


class Said(msgspec.Struct, frozen=True, tag_field="type", tag="said"):
    """What everybody in the room gets."""

    room: str
    text: str


class Refusal(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """What a client gets whose message is refused."""

    code: Code
    detail: str
    correlation_id: str


_say = msgspec.json.Decoder(Say)
_anything = msgspec.json.Decoder(dict[str, object])
_encode = msgspec.json.Encoder().encode


def connect(event: Event) -> None:
    """`$connect`: remember who is in which room, for as long as a connection can last."""
    try:
        room = domain.room_called((event.query_string_parameters or {}).get("room", ""))
    except domain.NoRoomError as error:
        raise RefusedError(Code.NO_ROOM, str(error)) from error
    expires_at = int(time.time()) + CONNECTION_SECONDS
    table.put_item(
        TableName=settings.table_name,
        Item={
            "connection_id": {"S": event.connection_id},
            "room": {"S": room},
            "expires_at": {"N": str(expires_at)},
        },
    )


def disconnect(event: Event) -> None:
    """`$disconnect`: forget who has gone; API Gateway tells it when it can, the table's expiry sees to the rest."""
    _forget(event.connection_id)


def say(event: Event) -> None:
    """`say`: tell everybody in the sender's room, the sender too."""
    wanted = event.read_json(_say, settings.max_message_bytes)
    try:
        message = domain.say(_room_of(event.connection_id), wanted.text)
    except domain.NothingSaidError as error:
        raise RefusedError(Code.WRONG_SHAPE, str(error)) from error
    data = _encode(Said(room=message.room, text=message.text))
    if len(data) > settings.max_message_bytes:
        raise RefusedError(Code.TOO_LARGE, f"What the room would hear takes {len(data)} bytes; say less.")
    reached = [_post(member, data) for member in _members(message.room)]
    logger.info("said", room=message.room, members=len(reached), reached=sum(reached))


def refuse(event: Event) -> None:
    """`$default`: whatever names no route."""
    event.read_json(_anything, settings.max_message_bytes)
    actions = ", ".join(key for key in ROUTES if not key.startswith("$"))
    raise RefusedError(Code.UNKNOWN_ACTION, f"Name an action: {actions}.")


ROUTES: Mapping[str, Callable[[Event], None]] = {
    "$connect": connect,
    "$disconnect": disconnect,
    "say": say,
    "$default": refuse,
}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, object], _context: LambdaContext) -> dict[str, object]:
    """Answer one event; what a client does wrong becomes a typed error message, never a crash.

    A failure of the service itself is logged and raised: Lambda counts it, API Gateway tells the client. Nothing is
    delivered again, so nothing happens twice.
    """
    try:
        received = msgspec.convert(event, Event)
    except (msgspec.ValidationError, UnicodeError):
        # Not from API Gateway: an invocation by hand or by another service.
        logger.exception("not a WebSocket event")
        return _done("Refused", HTTPStatus.BAD_REQUEST)
    logger.set_correlation_id(received.request_context.request_id)
    try:
        ROUTES.get(received.request_context.route_key, refuse)(received)
    except RefusedError as refused:
        logger.info("refused", code=refused.code, detail=refused.detail)
        return _done("Refused", _tell(received, refused))
    except Exception:
        logger.exception("failed")
        _count("Failed")
        raise
    return _done("Answered", HTTPStatus.OK)


def _done(outcome: str, status: HTTPStatus) -> dict[str, object]:
    _count(outcome)
    return {"statusCode": int(status)}


def _count(outcome: str) -> None:
    metrics.add_metric(name=outcome, unit=MetricUnit.Count, value=1)


def _tell(event: Event, refused: RefusedError) -> HTTPStatus:
    """Tell the client why: who is not connected yet by the status of the handshake, who is by a message."""
    if event.request_context.route_key == "$connect":
        return HTTPStatus.BAD_REQUEST
    correlation_id = event.request_context.request_id
    _post(event.connection_id, _encode(Refusal(refused.code, refused.detail, correlation_id)))
    return HTTPStatus.OK


def _post(connection_id: str, data: bytes) -> bool:
    """Send to one client; who has gone is forgotten, who is too slow or too busy stops nobody else."""
    try:
        clients.post_to_connection(ConnectionId=connection_id, Data=data)
    except clients.exceptions.GoneException:
        _forget(connection_id)
    except _OUT_OF_REACH:
        logger.exception("not delivered")
        _count("Undelivered")
    else:
        return True
    return False


def _forget(connection_id: str) -> None:
    table.delete_item(TableName=settings.table_name, Key={"connection_id": {"S": connection_id}})


def _room_of(connection_id: str) -> str:
    key = {"connection_id": {"S": connection_id}}
    found = table.get_item(TableName=settings.table_name, Key=key, ConsistentRead=True).get("Item")
    if found is None:
        raise RefusedError(Code.NOT_CONNECTED, "This connection is in no room; connect again.")
    room: str = found["room"]["S"]
    return room


def _members(room: str) -> Iterator[str]:
    pages = table.get_paginator("query").paginate(
        TableName=settings.table_name,
        IndexName="by_room",
        KeyConditionExpression="room = :room",
        ExpressionAttributeValues={":room": {"S": room}},
    )
    for page in pages:
        for item in page["Items"]:
            yield item["connection_id"]["S"]
