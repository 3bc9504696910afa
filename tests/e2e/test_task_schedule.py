"""A Fargate task that the clock starts: real containers on this machine, started as the schedule says.

The emulator keeps targets of kind ECS and never starts them, and says nothing of stopped tasks (test_gaps).
So RunTask is called with what the deployed schedule and rule say, and with nothing else.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from e2e.tasks import build_tasks, deployed_tasks, eventually, exit_codes, variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from e2e.containers import Engine
    from e2e.tasks import TaskDeployment

pytestmark = pytest.mark.e2e

# Nobody but AWS may say something under the name of aws.ecs.
SOURCE = "stand-in.ecs"
DUE = "<aws.scheduler.scheduled-time>"
# Of job.py; a second or two of work.
PAGE_PARCELS = 500_000


@pytest.fixture(scope="module")
def nightly(
    forecasts: Path, image: str, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TaskDeployment]:
    """The service that the clock starts; under the same name its image is the same."""
    folder = tmp_path_factory.mktemp("nightly") / forecasts.name
    build_tasks(folder, "schedule")
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with deployed_tasks(folder, log, engine=engine, image=image) as deployment:
        yield deployment


def test_run_that_is_due_is_done_on_spot_and_nothing_runs_after_it(
    nightly: TaskDeployment, engine: Engine
) -> None:
    due = "2026-01-02T03:00:00Z"
    parcels = almost_done(nightly, due, pages_left=1)

    task = nightly.stopped(start_when_due(nightly, due))

    assert exit_codes(task) == [0]
    assert task["capacityProviderName"] == "FARGATE_SPOT"
    assert nightly.checkpoint(due)["done"] == str(parcels)
    assert nightly.log_lines(due)[-1]["message"] == "done"
    assert nightly.running_tasks() == []
    assert engine.running("com.amazonaws.ecs.task-arn") == []


def test_run_that_spot_took_back_is_gone_on_with_where_nobody_takes_it(
    nightly: TaskDeployment, engine: Engine
) -> None:
    due = "2026-01-03T03:00:00Z"
    parcels = almost_done(nightly, due, pages_left=4)
    begun_at = nightly.checkpoint(due)
    first = start_when_due(nightly, due)
    eventually(lambda: nightly.checkpoint(due) != begun_at or None)

    engine.run("kill", "--signal", "KILL", *engine.running(f"com.amazonaws.ecs.task-arn={first}"))
    taken_back = nightly.stopped(first)
    reached = int(nightly.checkpoint(due)["done"])
    resumed = nightly.stopped(start_again(nightly, taken_back))

    assert (exit_codes(taken_back), exit_codes(resumed)) == ([137], [0])
    assert resumed["capacityProviderName"] == "FARGATE"
    assert reached < parcels
    assert nightly.checkpoint(due)["done"] == str(parcels)


@pytest.mark.parametrize(
    ("detail", "kept"),
    [
        ({"stopCode": "EssentialContainerExited", "containers": [{"exitCode": 1}]}, True),
        ({"stopCode": "TaskFailedToStart", "capacityProviderName": "FARGATE"}, True),
        ({"stopCode": "EssentialContainerExited", "containers": [{"exitCode": 0}]}, False),
        ({"stopCode": "SpotInterruption", "capacityProviderName": "FARGATE_SPOT"}, False),
    ],
    ids=["failed", "not started", "done", "taken back"],
)
def test_what_failed_for_good_is_kept(nightly: TaskDeployment, detail: dict[str, Any], kept: bool) -> None:  # noqa: FBT001
    mark = str(uuid.uuid4())
    listen_to_stand_in(nightly)
    end = {"clusterArn": nightly.cluster_arn(), "lastStatus": "STOPPED", "taskArn": mark, **detail}

    say_stopped(nightly, end)
    say_stopped(nightly, {**end, "stopCode": "UserInitiated", "taskArn": f"{mark}, afterwards"})

    letters: list[str] = []
    eventually(lambda: take(nightly, letters) or f"{mark}, afterwards" in letters or None)
    assert (mark in letters) is kept


def almost_done(nightly: TaskDeployment, run_id: str, *, pages_left: int) -> int:
    """Keep a checkpoint as a task that has come far does; return the parcels in all."""
    told = variables(nightly.container())
    parcels = int(told["PARCELS"])
    done = parcels - pages_left * PAGE_PARCELS
    order = {"run_id": run_id, "seed": int(told["SEED"]), "parcels": parcels}
    nightly.account.client("dynamodb").put_item(
        TableName=told["CHECKPOINTS"],
        Item={
            "run_id": {"S": run_id},
            "order": {"S": json.dumps(order)},
            "done": {"N": str(done)},
            "tally": {"M": {"parcels": {"N": str(done)}, "revenue_cents": {"N": "0"}}},
            "expires_at": {"N": str(2**32)},
        },
    )
    return parcels


def start_when_due(nightly: TaskDeployment, due: str) -> str:
    """Start a task as Scheduler does when a run is due, and return its ARN."""
    [declared] = nightly.declared("AWS::Scheduler::Schedule")
    target = nightly.account.client("scheduler").get_schedule(Name=nightly.outputs["ScheduleName"])["Target"]
    return nightly.run_target(declared["Target"], target, json.loads(target["Input"].replace(DUE, due)))


def start_again(nightly: TaskDeployment, stopped: Mapping[str, Any]) -> str:
    """Start a task as the rule on stopped tasks does, and return its ARN."""
    [declared] = (
        one["Targets"][0]
        for one in nightly.declared("AWS::Events::Rule")
        if "EcsParameters" in one["Targets"][0]
    )
    events = nightly.account.client("events")
    targets = [
        events.list_targets_by_rule(Rule=rule["Name"])["Targets"][0] for rule in events.list_rules()["Rules"]
    ]
    [target] = (target for target in targets if "EcsParameters" in target)
    transformer = target["InputTransformer"]
    assert transformer["InputPathsMap"] == {"overrides": "$.detail.overrides.containerOverrides"}
    given = json.dumps(stopped["overrides"]["containerOverrides"])
    overrides = json.loads(transformer["InputTemplate"].replace("<overrides>", given))
    return nightly.run_target(declared, target, overrides)


def listen_to_stand_in(nightly: TaskDeployment) -> None:
    """Let the rules hear what the tests say, and change nothing else in them."""
    events = nightly.account.client("events")
    for rule in events.list_rules()["Rules"]:
        pattern = {**json.loads(rule["EventPattern"]), "source": [SOURCE]}
        events.put_rule(Name=rule["Name"], EventPattern=json.dumps(pattern))


def say_stopped(nightly: TaskDeployment, detail: dict[str, Any]) -> None:
    """Say on the default bus what ECS says when a task has stopped."""
    event = {"Source": SOURCE, "DetailType": "ECS Task State Change", "Detail": json.dumps(detail)}
    put = nightly.account.client("events").put_events(Entries=[event])
    assert put["FailedEntryCount"] == 0


def take(nightly: TaskDeployment, letters: list[str]) -> None:
    """Take what lies in the dead-letter queue, and add of which tasks it is."""
    queues = nightly.account.client("sqs")
    url = nightly.outputs["DeadLettersUrl"]
    for message in queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        letters.append(json.loads(message["Body"])["detail"]["taskArn"])
        queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
