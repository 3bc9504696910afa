"""A scheduled service, rendered, built and deployed unchanged to the local AWS emulator, run by its clock.

The emulator fires schedules, but does not fill in `<aws.scheduler.scheduled-time>`, neither repeats nor keeps
a delivery that failed, and sends Lambda's dead letters without asking the role. So the due time is written
into the start here, and of failures only what Lambda does with them is shown. A pass means deployable and
wired, as far as the emulator goes; it does not mean that AWS has accepted it.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
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


@pytest.fixture(scope="module", params=FEW_INFRASTRUCTURES)
def schedule_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("schedule") / "tariff-publisher"
    build_service(folder, EXAMPLES["schedule"], request.param)
    return folder


@pytest.fixture(scope="module")
def clock(schedule_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(schedule_service, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment


def test_clock_starts_a_run(clock: Deployment) -> None:
    fire(clock, "2026-01-01T00:00:00Z")

    assert eventually(lambda: messages(clock, "2026-01-01T00:00:00+00:00")) == ["published"]


def test_run_that_is_started_twice_is_done_once(clock: Deployment) -> None:
    start(clock, "2026-01-02T00:00:00Z")
    eventually(lambda: messages(clock, "2026-01-02T00:00:00+00:00"))

    start(clock, "2026-01-02T00:00:00Z")
    start(clock, "2026-01-03T00:00:00Z")

    assert eventually(lambda: messages(clock, "2026-01-03T00:00:00+00:00")) == ["published"]
    assert messages(clock, "2026-01-02T00:00:00+00:00") == ["published"]


def test_run_that_finds_another_at_work_is_skipped(clock: Deployment) -> None:
    lock = {"id": {"S": "lock"}, "holder": {"S": "another"}, "expiration": {"N": str(int(time.time()) + 600)}}
    records = clock.account.client("dynamodb")
    (table,) = records.list_tables()["TableNames"]

    records.put_item(TableName=table, Item=lock)
    try:
        start(clock, "2026-01-04T00:00:00Z")
        assert eventually(lambda: messages(clock, "2026-01-04T00:00:00+00:00")) == ["skipped"]
    finally:
        records.delete_item(TableName=table, Key={"id": lock["id"]})
    start(clock, "2026-01-05T00:00:00Z")

    assert eventually(lambda: messages(clock, "2026-01-05T00:00:00+00:00")) == ["published"]


def test_poison_is_rejected_with_a_reason_and_ends_in_the_dead_letter_queue(clock: Deployment) -> None:
    invoke(clock, {"version": 7, "due": "2026-01-06T00:00:00Z"})

    (letter,) = eventually(lambda: dead_letters(clock))
    assert letter["requestPayload"] == {"version": 7, "due": "2026-01-06T00:00:00Z"}
    rejected = [line["reason"] for line in lines(clock) if line["message"] == "rejected"]
    assert rejected == ["unknown_version"] * TRIES


def test_role_that_may_not_write_its_records_publishes_nothing(clock: Deployment) -> None:
    identities = clock.account.client("iam")
    role = clock.function()["Role"].rsplit("/", 1)[-1]
    policy = identities.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    other = [rule for rule in policy["Statement"] if "dynamodb:PutItem" not in rule["Action"]]

    put(identities, role, {**policy, "Statement": other})
    try:
        start(clock, "2026-01-07T00:00:00Z")
        (letter,) = eventually(lambda: dead_letters(clock))
    finally:
        put(identities, role, policy)

    assert letter["requestPayload"]["due"] == "2026-01-07T00:00:00Z"
    assert "published" not in messages(clock, "2026-01-07T00:00:00+00:00")


def test_deleting_a_used_stack_leaves_nothing(schedule_service: Path, tmp_path: Path) -> None:
    with deployed(schedule_service, tmp_path / "emulator.log") as deployment:
        schedules = deployment.account.client("scheduler")
        start(deployment, "2026-01-08T00:00:00Z")
        eventually(lambda: messages(deployment, "2026-01-08T00:00:00+00:00"))
        assert len(schedules.list_schedules()["Schedules"]) == 1

        deployment.delete()

        assert schedules.list_schedules()["Schedules"] == []
        assert leftovers(deployment.account) == {}


def fire(deployment: Deployment, due: str) -> None:
    """Start the function now as the deployed schedule would, by one more that goes when it has fired.

    The emulator fires no schedule at a moment that it has looked at before, which it does every few seconds.
    """
    schedules = deployment.account.client("scheduler")
    deployed_schedule = schedules.get_schedule(
        Name=outputs(deployment.account, deployment.stack)["ScheduleName"]
    )
    wanted = deployed_schedule["Target"]["Input"].replace("<aws.scheduler.scheduled-time>", due)
    schedules.create_schedule(
        Name=f"{deployed_schedule['Name']}-now",
        ActionAfterCompletion="DELETE",
        FlexibleTimeWindow=deployed_schedule["FlexibleTimeWindow"],
        ScheduleExpression=f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})",
        Target={**deployed_schedule["Target"], "Input": wanted},
    )


def start(deployment: Deployment, due: str) -> None:
    invoke(deployment, {"version": 1, "due": due})


def invoke(deployment: Deployment, event: dict[str, Any]) -> None:
    """Call the function as Scheduler does, so that Lambda tries again and keeps what failed."""
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


def messages(deployment: Deployment, run: str) -> list[str]:
    return [line["message"] for line in lines(deployment) if line.get("run") == run]


def put(identities: Any, role: str, policy: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(policy))


def eventually(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is one, or patience ends; return the last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
