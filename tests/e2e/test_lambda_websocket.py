"""The WebSocket example, rendered, built and deployed unchanged to the local AWS emulator, and used.

Not shown here, because the emulator lacks it: API Gateway closing a connection that sends more than
128 KB, is silent or too old; the stage's throttle and access logs; the expiry of the table's items. What the
function logs while it answers a WebSocket is lost there, so logs are read after calls by hand.
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from rendering import EXAMPLES

from e2e import probe
from e2e.deployment import FEW_INFRASTRUCTURES, Deployment, build_service, deployed
from e2e.state import leftovers, log_lines
from e2e.websocket_api import HandshakeRefusedError, connect, post_back_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

PATIENCE_SECONDS = 20
CONNECTS = {"routeKey": "$connect", "connectionId": "by-hand", "requestId": "1"}


@pytest.fixture(scope="module", params=FEW_INFRASTRUCTURES)
def rooms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("websocket") / "parcel-rooms"
    build_service(folder, EXAMPLES["websocket"], request.param)
    return folder


@pytest.fixture(scope="module")
def deployment(rooms: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(rooms, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        post_back_through(deployment.account, deployment.function())
        yield deployment


def test_everybody_in_a_room_hears_what_one_says_and_nobody_else(deployment: Deployment) -> None:
    account = deployment.account
    with (
        connect(account, "room=lobby") as one,
        connect(account, "room=lobby") as other,
        connect(account, "room=attic") as elsewhere,
    ):
        one.send({"action": "say", "text": "hello"})
        elsewhere.send({"action": "say", "text": "alone"})

        assert one.hear() == other.hear() == {"type": "said", "room": "lobby", "text": "hello"}
        assert elsewhere.hear() == {"type": "said", "room": "attic", "text": "alone"}


@pytest.mark.parametrize("query", ["", "room=", "room=No%20room", "room=" + "x" * 33])
def test_who_names_no_room_is_not_let_in(deployment: Deployment, query: str) -> None:
    with pytest.raises(HandshakeRefusedError), connect(deployment.account, query):
        pass

    assert eventually(lambda: connections(deployment) == {})


def test_who_is_connected_is_kept_for_two_hours_and_forgotten_when_gone(deployment: Deployment) -> None:
    with connect(deployment.account, "room=kept"):
        ((_, kept),) = connections(deployment).items()

    assert kept["room"] == {"S": "kept"}
    assert int(kept["expires_at"]["N"]) == pytest.approx(time.time() + 7_200, abs=60)
    assert eventually(lambda: connections(deployment) == {})


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param('{"action":', "not_json", id="cut off"),
        pytest.param("hello", "not_json", id="not JSON"),
        pytest.param("[]", "wrong_shape", id="no object"),
        pytest.param({"action": "say"}, "wrong_shape", id="missing field"),
        pytest.param({"action": "say", "text": 10**400}, "wrong_shape", id="huge number"),
        pytest.param({"action": "say", "text": "hello", "version": 9}, "wrong_shape", id="unknown version"),
        pytest.param({"action": "sing"}, "unknown_action", id="unknown action"),
        pytest.param({"action": "say", "text": "x" * 16_384}, "too_large", id="above the workload's limit"),
        pytest.param({"action": "say", "text": "x" * 131_072}, "too_large", id="above API Gateway's limit"),
    ],
)
def test_what_is_wrong_gets_a_typed_error_and_the_connection_stays(
    deployment: Deployment, message: object, code: str
) -> None:
    with connect(deployment.account, "room=errors") as client:
        client.send(message)
        refusal = client.hear()
        client.send({"action": "say", "text": "still here"})

        assert (refusal["type"], refusal["code"]) == ("error", code)
        assert refusal["correlation_id"]
        assert client.hear()["text"] == "still here"


def test_who_went_without_a_word_is_forgotten_when_posted_to(deployment: Deployment) -> None:
    gone = {"connection_id": {"S": "gone"}, "room": {"S": "haunted"}, "expires_at": {"N": "9999999999"}}
    table(deployment).put_item(TableName=table_name(deployment), Item=gone)

    with connect(deployment.account, "room=haunted") as client:
        client.send({"action": "say", "text": "boo"})

        assert client.hear()["text"] == "boo"
        assert eventually(lambda: "gone" not in connections(deployment))


@pytest.mark.parametrize(
    ("event", "message"),
    [
        pytest.param({}, "not a WebSocket event", id="empty"),
        pytest.param({"Records": []}, "not a WebSocket event", id="empty batch"),
        pytest.param({"requestContext": {"routeKey": 10**400}}, "not a WebSocket event", id="huge number"),
        pytest.param({"requestContext": CONNECTS}, "refused", id="no room"),
    ],
)
def test_what_is_wrong_is_logged_and_counted(
    deployment: Deployment, event: dict[str, Any], message: str
) -> None:
    before = len(log_lines(deployment.account, deployment.function()))
    name = deployment.function()["FunctionName"]
    answer = deployment.account.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))

    logged = log_lines(deployment.account, deployment.function())[before:]
    assert json.load(answer["Payload"]) == {"statusCode": 400}
    assert [line["message"] for line in logged if "message" in line] == [message]
    assert [line["Refused"] for line in logged if "Refused" in line] == [[1.0]]


def test_without_its_permission_the_function_reaches_nobody(deployment: Deployment) -> None:
    with connect(deployment.account, "room=mute") as client:
        with posting_forbidden(deployment):
            client.send({"action": "say", "text": "hello"})
            failure = client.hear_text()
        client.send({"action": "say", "text": "hello again"})

        assert "PostToConnection" in failure
        assert client.hear()["text"] == "hello again"


@pytest.mark.parametrize(
    ("api", "operation", "parameters"),
    [
        ("dynamodb", "scan", {"TableName": "the table"}),
        ("dynamodb", "delete_table", {"TableName": "the table"}),
        ("dynamodb", "list_tables", {}),
        ("apigatewayv2", "get_apis", {}),
        ("iam", "list_roles", {}),
        ("sqs", "list_queues", {}),
    ],
)
def test_role_may_do_nothing_else(
    deployment: Deployment, role_probe: Any, api: str, operation: str, parameters: dict[str, str]
) -> None:
    named = {name: table_name(deployment) for name in parameters}

    assert probe.attempt(role_probe, api, operation, **named)["outcome"].startswith("AccessDenied")


def test_deleting_a_used_stack_leaves_nothing(rooms: Path, tmp_path: Path) -> None:
    with deployed(rooms, tmp_path / "emulator.log") as deployment:
        post_back_through(deployment.account, deployment.function())
        with connect(deployment.account, "room=lobby") as client:
            client.send({"action": "say", "text": "goodbye"})
            assert client.hear()["text"] == "goodbye"

        deployment.delete()

        assert leftovers(deployment.account) == {}


@pytest.fixture(scope="module")
def role_probe(deployment: Deployment) -> Any:
    """The Lambda client, with a probe installed that runs with the service's role."""
    functions, function = deployment.account.client("lambda"), deployment.function()
    probe.install(functions, function["Role"], function["Runtime"])
    return functions


def table(deployment: Deployment) -> Any:
    return deployment.account.client("dynamodb")


def table_name(deployment: Deployment) -> str:
    name: str = deployment.function()["Environment"]["Variables"]["TABLE_NAME"]
    return name


def connections(deployment: Deployment) -> dict[str, dict[str, dict[str, str]]]:
    """Return what the table holds, by connection."""
    items = table(deployment).scan(TableName=table_name(deployment))["Items"]
    return {item["connection_id"]["S"]: item for item in items}


def eventually(holds: Callable[[], bool]) -> bool:
    """Say whether something comes true while one waits: a goodbye and a log line take their time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


@contextlib.contextmanager
def posting_forbidden(deployment: Deployment) -> Iterator[None]:
    """Take the permission to post to clients from the function's role for a while."""
    identities = deployment.account.client("iam")
    role = deployment.function()["Role"].rsplit("/", 1)[-1]
    (name,) = identities.list_role_policies(RoleName=role)["PolicyNames"]
    document = identities.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    kept = [one for one in document["Statement"] if "execute-api" not in str(one["Action"])]
    identities.put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**document, "Statement": kept})
    )
    try:
        yield
    finally:
        identities.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
