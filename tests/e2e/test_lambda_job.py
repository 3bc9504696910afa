"""A service whose runs a person or a pipeline starts, deployed unchanged to the local AWS emulator.

Lambda's dead letters go out there without asking the role. A pass means deployable and wired, as far as the
emulator goes; it does not mean that AWS has accepted it.
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
JOB = {"version": 1, "zone": "domestic", "weights_grams": [1_200]}


@pytest.fixture(scope="module", params=FEW_INFRASTRUCTURES)
def job_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("job") / "price-lists"
    build_service(folder, EXAMPLES["job"], request.param)
    return folder


@pytest.fixture(scope="module")
def jobs(job_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(job_service, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment


def test_duplicate_is_priced_once(jobs: Deployment) -> None:
    twice, after = str(uuid.uuid4()), str(uuid.uuid4())
    invoke(jobs, twice)
    eventually(lambda: priced(jobs, twice))

    invoke(jobs, twice)
    invoke(jobs, after)

    assert eventually(lambda: priced(jobs, after)) == [510]
    assert priced(jobs, twice) == [510]


def test_poison_is_rejected_with_a_reason_and_ends_in_the_dead_letter_queue(jobs: Deployment) -> None:
    job_id = str(uuid.uuid4())

    invoke(jobs, job_id, version=7)

    (letter,) = eventually(lambda: dead_letters(jobs))
    assert letter["requestPayload"]["job_id"] == job_id
    rejected = [line["reason"] for line in lines(jobs) if line["message"] == "rejected"]
    assert rejected == ["unknown_version"] * TRIES


def test_role_that_may_not_write_its_records_prices_nothing(jobs: Deployment) -> None:
    identities = jobs.account.client("iam")
    role = jobs.function()["Role"].rsplit("/", 1)[-1]
    policy = identities.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    other = [rule for rule in policy["Statement"] if "dynamodb:PutItem" not in rule["Action"]]
    job_id = str(uuid.uuid4())

    put(identities, role, {**policy, "Statement": other})
    try:
        invoke(jobs, job_id)
        (letter,) = eventually(lambda: dead_letters(jobs))
    finally:
        put(identities, role, policy)

    assert letter["requestPayload"]["job_id"] == job_id
    assert priced(jobs, job_id) == []


def test_deleting_a_used_stack_leaves_nothing(job_service: Path, tmp_path: Path) -> None:
    with deployed(job_service, tmp_path / "emulator.log") as deployment:
        job_id = str(uuid.uuid4())
        invoke(deployment, job_id)
        eventually(lambda: priced(deployment, job_id))
        assert leftovers(deployment.account) != {}

        deployment.delete()

        assert leftovers(deployment.account) == {}


def invoke(deployment: Deployment, job_id: str, **fields: object) -> None:
    """Start a job as the README says."""
    name = deployment.function()["FunctionName"]
    functions = deployment.account.client("lambda")
    functions.invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps({**JOB, "job_id": job_id, **fields})
    )


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


def priced(deployment: Deployment, job_id: str) -> list[int]:
    return [line["total_cents"] for line in lines(deployment) if line.get("job_id") == job_id]


def put(identities: Any, role: str, policy: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(policy))


def eventually(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is one, or patience ends; return the last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
