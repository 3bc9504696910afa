"""A queue worker, rendered, built and deployed unchanged to the local AWS emulator, and fed real messages.

A pass means deployable and wired, as far as the emulator goes; it does not mean that AWS has accepted it.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from rendering import EXAMPLES

from e2e.deployment import INFRASTRUCTURES, Deployment, build_service, deployed
from e2e.state import leftovers, log_lines, outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

PATIENCE_SECONDS = 60
WEIGHED = {"version": 1, "parcel_id": "JD0146", "declared_grams": 1_000, "weighed_grams": 1_740}


@pytest.fixture(scope="module", params=[*INFRASTRUCTURES, "lean"])
def queue_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("queue") / "parcel-surcharges"
    if request.param == "lean":
        build_service(folder, EXAMPLES["queue"], aws_client="lean")
    else:
        build_service(folder, EXAMPLES["queue"], request.param)
    return folder


@pytest.fixture(scope="module")
def queue(queue_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(queue_service, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment


def test_message_is_charged_and_leaves_the_queue(queue: Deployment) -> None:
    send(queue, weighing("plain"))

    assert eventually(lambda: charged(queue, "plain")) == [300]
    assert eventually(lambda: waiting(queue, "QueueUrl") == 0)


def test_duplicate_is_charged_once(queue: Deployment) -> None:
    send(queue, weighing("twice"))
    eventually(lambda: charged(queue, "twice"))

    send(queue, weighing("twice"), weighing("after"))

    assert eventually(lambda: charged(queue, "after")) == [300]
    assert eventually(lambda: waiting(queue, "QueueUrl") == 0)
    assert charged(queue, "twice") == [300]


def test_poison_message_is_rejected_with_a_reason_and_ends_in_the_dead_letter_queue(
    queue: Deployment,
) -> None:
    """Each try waits for the visibility timeout, shortened here; the template says how many there are."""
    show_again_at_once(queue)
    before = waiting(queue, "DeadLettersUrl")

    send(
        queue, "no JSON", weighing("among-poison"), json.dumps({**WEIGHED, "version": 7, "weighing_id": "v7"})
    )

    assert eventually(lambda: waiting(queue, "DeadLettersUrl") == before + 2)
    assert waiting(queue, "QueueUrl") == 0
    assert charged(queue, "among-poison") == [300]
    rejected = [line["reason"] for line in lines(queue) if line["message"] == "rejected"]
    assert (rejected.count("not_json"), rejected.count("unknown_version")) == (5, 5)


def test_role_that_may_not_write_its_records_charges_nothing(queue: Deployment) -> None:
    show_again_at_once(queue)
    identities = queue.account.client("iam")
    role = queue.function()["Role"].rsplit("/", 1)[-1]
    policy = identities.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    other = [rule for rule in policy["Statement"] if "dynamodb:PutItem" not in rule["Action"]]
    before = waiting(queue, "DeadLettersUrl")

    put(identities, role, {**policy, "Statement": other})
    try:
        send(queue, weighing("forbidden"))
        assert eventually(lambda: waiting(queue, "DeadLettersUrl") == before + 1)
    finally:
        put(identities, role, policy)

    assert charged(queue, "forbidden") == []


def test_deleting_a_used_stack_leaves_nothing(queue_service: Path, tmp_path: Path) -> None:
    with deployed(queue_service, tmp_path / "emulator.log") as deployment:
        send(deployment, weighing("last"))
        eventually(lambda: charged(deployment, "last"))
        assert leftovers(deployment.account) != {}

        deployment.delete()

        assert leftovers(deployment.account) == {}


def weighing(weighing_id: str) -> str:
    return json.dumps({**WEIGHED, "weighing_id": weighing_id})


def send(deployment: Deployment, *bodies: str) -> None:
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    url = outputs(deployment.account, deployment.stack)["QueueUrl"]
    deployment.account.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)


def waiting(deployment: Deployment, output: str) -> int:
    """Return how many messages a queue holds, those in hand too."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = outputs(deployment.account, deployment.stack)[output]
    found = deployment.account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(found["Attributes"][name]) for name in names)


def show_again_at_once(deployment: Deployment) -> None:
    url = outputs(deployment.account, deployment.stack)["QueueUrl"]
    deployment.account.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})


def lines(deployment: Deployment) -> list[dict[str, Any]]:
    return [line for line in log_lines(deployment.account, deployment.function()) if "message" in line]


def charged(deployment: Deployment, weighing_id: str) -> list[int]:
    return [line["cents"] for line in lines(deployment) if line.get("weighing_id") == weighing_id]


def put(identities: Any, role: str, policy: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(policy))


def eventually(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is one, or patience ends; return the last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
