"""A Fargate task that a person or a pipeline starts: its workflow starts real containers on this machine.

The image is built from the rendered Dockerfile, the stack is the CDK's, the task has the rights of its role.
A pass means deployable and wired, as far as the emulator goes; it does not mean that AWS has accepted it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from e2e.state import leftovers
from e2e.tasks import PYTHON, deployed_tasks, eventually, exit_codes

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.containers import Engine
    from e2e.tasks import TaskDeployment

pytestmark = pytest.mark.e2e

# Three pages of job.py: a second or two each, long enough to be cut off in the middle.
PARCELS = 1_500_000


@pytest.fixture(scope="module")
def undisturbed(tasks: TaskDeployment) -> dict[str, str]:
    """The checkpoint of a run that nothing disturbs."""
    task = tasks.stopped(tasks.start("undisturbed", PARCELS))
    assert exit_codes(task) == [0]
    return tasks.checkpoint("undisturbed")


def test_run_is_done_and_logged_and_nothing_runs_after_it(
    tasks: TaskDeployment, engine: Engine, undisturbed: dict[str, str]
) -> None:
    lines = tasks.log_lines("undisturbed")

    assert undisturbed["done"] == str(PARCELS)
    assert [line["done"] for line in lines if line["message"] == "progress"][-1] == PARCELS
    assert lines[-1]["message"] == "done"
    assert tasks.running_tasks() == []
    assert engine.running("com.amazonaws.ecs.task-arn") == []


def test_run_by_hand_is_followed_from_its_first_line_to_its_end(tasks: TaskDeployment) -> None:
    order = ["--stack", tasks.stack, "--run-id", "by-hand", "--parcels", "1000"]
    environment = {**os.environ, **tasks.account.environment}

    followed = subprocess.run(
        [tasks.service / PYTHON, "scripts/run.py", *order],
        cwd=tasks.service,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )

    assert followed.returncode == 0, followed.stderr
    # The emulator knows no patterns of JSON and passes every line: here is looked for what AWS would find.
    lines = [json.loads(line) for line in followed.stdout.splitlines() if line.startswith("{")]
    said = [line["message"] for line in lines if line.get("run_id") == "by-hand"]
    assert said == ["starting", "progress", "done"]
    assert tasks.checkpoint("by-hand")["done"] == "1000"


def test_task_starts_on_spot_as_decided(tasks: TaskDeployment, undisturbed: dict[str, str]) -> None:
    assert undisturbed
    assert {task["capacityProviderName"] for task in tasks.tasks()} == {"FARGATE_SPOT"}


@pytest.mark.parametrize(
    ("killed_by", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGKILL, 137)], ids=["TERM", "KILL"]
)
def test_run_that_is_killed_is_gone_on_with_and_comes_to_the_same(
    tasks: TaskDeployment,
    engine: Engine,
    undisturbed: dict[str, str],
    killed_by: signal.Signals,
    exit_code: int,
) -> None:
    run_id = str(uuid.uuid4())
    first = tasks.start(run_id, PARCELS)
    eventually(lambda: tasks.checkpoint(run_id) or None)

    engine.run("kill", "--signal", killed_by.name, *engine.running(f"com.amazonaws.ecs.task-arn={first}"))
    killed = tasks.stopped(first)
    reached = int(tasks.checkpoint(run_id)["done"])
    resumed = tasks.stopped(tasks.start(run_id, PARCELS))

    assert exit_codes(killed) == [exit_code]
    assert 0 < reached < PARCELS
    assert exit_codes(resumed) == [0]
    assert tasks.checkpoint(run_id) == undisturbed
    # What was saved is not done again, and what was not is done.
    assert items(tasks)[-1] == PARCELS - reached


def test_task_whose_role_may_not_save_fails_and_loses_nothing(tasks: TaskDeployment) -> None:
    identities = tasks.account.client("iam")
    role = tasks.task_definition()["taskRoleArn"].rsplit("/", 1)[-1]
    [name] = identities.list_role_policies(RoleName=role)["PolicyNames"]
    policy = identities.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    run_id = str(uuid.uuid4())

    put(identities, role, name, without_action(policy, "dynamodb:PutItem"))
    try:
        refused = tasks.stopped(tasks.start(run_id, 1000))
    finally:
        put(identities, role, name, policy)
    again = tasks.stopped(tasks.start(run_id, 1000))

    assert exit_codes(refused) == [1]
    [failure] = (line for line in tasks.log_lines(run_id) if line["message"] == "failed")
    assert "AccessDenied" in failure["exception"]
    assert exit_codes(again) == [0]
    assert tasks.checkpoint(run_id)["done"] == "1000"


def test_deleting_a_used_stack_leaves_nothing(
    forecasts: Path, image: str, engine: Engine, tmp_path: Path
) -> None:
    with deployed_tasks(forecasts, tmp_path / "log.txt", engine=engine, image=image) as deployment:
        deployment.stopped(deployment.start("used", 1000))
        assert leftovers(deployment.account) != {}

        deployment.delete()

        assert leftovers(deployment.account) == {}


def items(tasks: TaskDeployment) -> list[int]:
    """Return how many parcels each task counted, from its metrics."""
    return [line["Items"] for line in tasks.log_lines() if "_aws" in line]


def without_action(policy: dict[str, Any], action: str) -> dict[str, Any]:
    """Return a policy that does not allow an action."""
    statements = [
        {**statement, "Action": [allowed for allowed in statement["Action"] if allowed != action]}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": statements}


def put(identities: Any, role: str, name: str, policy: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
