"""A service for events on a bus, rendered, built and deployed unchanged to the local AWS emulator.

The emulator's rules call the function once, without Lambda's further tries and dead letters, and keep no
delivery that failed; Lambda's dead letters go out without asking the role. So what fails is called as
EventBridge calls it, asynchronously, and only what Lambda does with it is shown. A pass means deployable and
wired, as far as the emulator goes; it does not mean that AWS has accepted it.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from rendering import EXAMPLES

from e2e.deployment import FEW_INFRASTRUCTURES, Deployment, build_service, deployed
from e2e.state import leftovers, log_lines, outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

PATIENCE_SECONDS = 60
TRIES = 3
DETAIL = {"version": 1, "parcel_id": "JD0146", "zone": "domestic", "weight_grams": 1_200}


@pytest.fixture(scope="module", params=FEW_INFRASTRUCTURES)
def event_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("event") / "parcel-billing"
    build_service(folder, EXAMPLES["event"], request.param)
    return folder


@pytest.fixture(scope="module")
def bus(event_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(event_service, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment


def test_event_on_the_bus_is_billed(bus: Deployment) -> None:
    event_id = put_event(bus, "acme.depot", "ParcelPosted")

    assert eventually(lambda: billed(bus, event_id)) == [510]


def test_events_of_others_and_of_other_kinds_are_not_passed_on(bus: Deployment) -> None:
    ignored = [put_event(bus, "acme.shop", "ParcelPosted"), put_event(bus, "acme.depot", "ParcelLost")]
    wanted = put_event(bus, "acme.depot", "ParcelPosted")

    assert eventually(lambda: billed(bus, wanted)) == [510]
    assert [line for line in lines(bus) if line.get("correlation_id") in ignored] == []


def test_duplicate_is_billed_once(bus: Deployment) -> None:
    twice, after = str(uuid.uuid4()), str(uuid.uuid4())
    invoke(bus, twice)
    eventually(lambda: billed(bus, twice))

    invoke(bus, twice)
    invoke(bus, after)

    assert eventually(lambda: billed(bus, after)) == [510]
    assert billed(bus, twice) == [510]


def test_poison_is_rejected_with_a_reason_and_ends_in_the_dead_letter_queue(bus: Deployment) -> None:
    event_id = str(uuid.uuid4())

    invoke(bus, event_id, version=7)

    (letter,) = eventually(lambda: dead_letters(bus))
    assert letter["requestPayload"]["id"] == event_id
    rejected = [line["reason"] for line in lines(bus) if line["message"] == "rejected"]
    assert rejected == ["unknown_version"] * TRIES


def test_role_that_may_not_write_its_records_bills_nothing(bus: Deployment) -> None:
    identities = bus.account.client("iam")
    role = bus.function()["Role"].rsplit("/", 1)[-1]
    policy = identities.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    other = [rule for rule in policy["Statement"] if "dynamodb:PutItem" not in rule["Action"]]
    event_id = str(uuid.uuid4())

    put(identities, role, {**policy, "Statement": other})
    try:
        invoke(bus, event_id)
        (letter,) = eventually(lambda: dead_letters(bus))
    finally:
        put(identities, role, policy)

    assert letter["requestPayload"]["id"] == event_id
    assert billed(bus, event_id) == []


def test_deleting_a_used_stack_leaves_nothing(event_service: Path, tmp_path: Path) -> None:
    with deployed(event_service, tmp_path / "emulator.log") as deployment:
        events = deployment.account.client("events")
        event_id = put_event(deployment, "acme.depot", "ParcelPosted")
        eventually(lambda: billed(deployment, event_id))
        assert len(events.list_rules()["Rules"]) == 1

        deployment.delete()

        assert events.list_rules()["Rules"] == []
        assert leftovers(deployment.account) == {}


def put_event(deployment: Deployment, source: str, kind: str) -> str:
    """Put an event on the bus that the stack names, and return its id."""
    entry = {
        "EventBusName": outputs(deployment.account, deployment.stack)["EventBusName"],
        "Source": source,
        "DetailType": kind,
        "Detail": json.dumps(DETAIL),
    }
    answer = deployment.account.client("events").put_events(Entries=[entry])
    return str(answer["Entries"][0]["EventId"])


def invoke(deployment: Deployment, event_id: str, **fields: object) -> None:
    """Call the function as EventBridge does, so that Lambda tries again and keeps what failed."""
    event = {"id": event_id, "detail-type": "ParcelPosted", "detail": {**DETAIL, **fields}}
    name = deployment.function()["FunctionName"]
    functions = deployment.account.client("lambda")
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))


def dead_letters(deployment: Deployment) -> list[dict[str, Any]]:
    """Take what lies in the dead-letter queue."""
    queues = deployment.account.client("sqs")
    url = outputs(deployment.account, deployment.stack)["DeadLettersUrl"]
    found = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


def lines(deployment: Deployment) -> list[dict[str, Any]]:
    return [line for line in log_lines(deployment.account, deployment.function()) if "message" in line]


def billed(deployment: Deployment, event_id: str) -> list[int]:
    return [line["price_cents"] for line in lines(deployment) if line.get("event_id") == event_id]


def put(identities: Any, role: str, policy: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(policy))


def eventually(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is one, or patience ends; return the last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
