"""A worker on a table's changes, rendered, built, deployed unchanged to the local AWS emulator, and fed.

A pass means deployable and wired, as far as the emulator goes; it does not mean that AWS has accepted it. The
emulator's mapping gives no heed to what the function names as failed, halves no batch and counts no tries:
`stream_poller.py` takes its place where that matters. Not shown: several shards, a record that is too old.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from rendering import EXAMPLES

from e2e.deployment import FEW_INFRASTRUCTURES, Deployment, build_service, deployed
from e2e.state import leftovers, log_lines, outputs
from e2e.stream_poller import StreamPoller, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

PATIENCE_SECONDS = 60
JOURNEY = ("registered", "in_transit", "delivered")
TOLD = ["announced", "on_its_way", "arrived"]


@pytest.fixture(scope="module", params=FEW_INFRASTRUCTURES)
def stream_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("stream") / "parcel-notices"
    build_service(folder, EXAMPLES["stream"], request.param)
    return folder


@pytest.fixture
def table(stream_service: Path, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(stream_service, tmp_path / "emulator.log") as deployment:
        yield deployment


def test_changes_are_told_in_order_and_deleting_a_used_stack_leaves_nothing(table: Deployment) -> None:
    write(table, "p-1", *JOURNEY)

    assert eventually(lambda: told(table, "p-1") == TOLD)
    assert leftovers(table.account) != {}

    table.delete()

    assert leftovers(table.account) == {}


def test_changes_that_come_again_are_told_once(table: Deployment) -> None:
    write(table, "p-1", *JOURNEY)
    assert eventually(lambda: told(table, "p-1") == TOLD)
    poller = StreamPoller.instead_of_the_mapping(table)

    assert poller.work_off(poller.records()) == []

    assert told(table, "p-1") == TOLD


def test_poison_holds_up_the_rest_until_it_is_named_in_the_dead_letter_queue(table: Deployment) -> None:
    poller = StreamPoller.instead_of_the_mapping(table)
    write(table, "p-1", "registered", "delivered", "registered")
    write(table, "p-2", "registered", "lost", "in_transit")
    records = poller.records()

    assert poller.done_of(records) == 2, "work stops at the first that fails"
    assert (told(table, "p-1"), told(table, "p-2")) == (["announced", "arrived"], [])
    given_up = poller.work_off(records)

    poison = [number(records[place]) for place in (2, 4, 5)]
    assert given_up == poison, "the parcel that went back, the status nobody knows, and the change from there"
    assert [letter["DDBStreamBatchInfo"]["startSequenceNumber"] for letter in letters(table)] == poison
    assert (told(table, "p-1"), told(table, "p-2")) == (["announced", "arrived"], ["announced"])
    rejected = [line["sequence_number"] for line in lines(table) if line["message"] == "rejected"]
    tries = 1 + poller.mapping["MaximumRetryAttempts"]
    assert [rejected.count(one) for one in poison] == [tries + 1, tries, tries]


def test_role_that_may_not_write_its_records_tells_nothing(table: Deployment) -> None:
    poller = StreamPoller.instead_of_the_mapping(table)
    write(table, "p-1", "registered")
    identities = table.account.client("iam")
    role = table.function()["Role"].rsplit("/", 1)[-1]
    policy = identities.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    other = [rule for rule in policy["Statement"] if "dynamodb:PutItem" not in rule["Action"]]

    allow(identities, role, {**policy, "Statement": other})
    forbidden = poller.done_of(poller.records())
    allow(identities, role, policy)

    assert (forbidden, told(table, "p-1")) == (0, [])
    assert poller.done_of(poller.records()) == 1
    assert told(table, "p-1") == ["announced"]


@pytest.mark.parametrize("stream_service", ["sam"], indirect=True)
def test_emulators_mapping_loses_what_is_named_as_failed(table: Deployment) -> None:
    """When this fails, the gap is closed, and the emulator's mapping can take the place of the poller."""
    write(table, "p-1", "delivered", "registered")
    eventually(lambda: [line for line in lines(table) if line["message"] == "rejected"])
    write(table, "p-2", "registered")

    assert eventually(lambda: told(table, "p-2")) == ["announced"]
    assert len([line for line in lines(table) if line["message"] == "rejected"]) == 1
    assert letters(table) == []


def write(deployment: Deployment, parcel_id: str, *statuses: str) -> None:
    """Write a parcel several times, each time in another status."""
    for status in statuses:
        deployment.account.client("dynamodb").put_item(
            TableName=outputs(deployment.account, deployment.stack)["TableName"],
            Item={"parcel_id": {"S": parcel_id}, "status": {"S": status}},
        )


def letters(deployment: Deployment) -> list[dict[str, Any]]:
    """Return the dead letters in the order in which they were sent, and leave them where they are."""
    url = outputs(deployment.account, deployment.stack)["DeadLettersUrl"]
    queues = deployment.account.client("sqs")
    found = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def lines(deployment: Deployment) -> list[dict[str, Any]]:
    return [line for line in log_lines(deployment.account, deployment.function()) if "message" in line]


def told(deployment: Deployment, parcel_id: str) -> list[str]:
    return [line["notice"] for line in lines(deployment) if line.get("parcel_id") == parcel_id]


def allow(identities: Any, role: str, policy: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(policy))


def eventually(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is one, or patience ends; return the last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
