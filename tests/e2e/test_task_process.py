"""A Fargate task where no container engine is: its code as a plain process, told what its container is told.

The emulated workflow starts the task and nothing runs for it; entry point and variables are those of the
deployed task definition and of the workflow's overrides. Tests of containers are test_task_job's.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from e2e.tasks import PYTHON, deployed_tasks, eventually, variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.tasks import TaskDeployment

pytestmark = pytest.mark.e2e

# Three pages of job.py: a second or two each, long enough to be cut off in the middle.
PARCELS = 1_500_000


@pytest.fixture(scope="module")
def processes(forecasts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TaskDeployment]:
    """The service in an account that runs no containers."""
    with deployed_tasks(forecasts, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment


@pytest.fixture(scope="module")
def undisturbed(processes: TaskDeployment) -> dict[str, str]:
    """The checkpoint of a run that nothing disturbs."""
    code, lines = ended(launch(processes, "undisturbed"))
    assert (code, lines[-2]["message"]) == (0, "done")
    return processes.checkpoint("undisturbed")


def test_run_is_done(undisturbed: dict[str, str]) -> None:
    assert undisturbed["done"] == str(PARCELS)


@pytest.mark.parametrize(
    ("killed_by", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)], ids=["TERM", "KILL"]
)
def test_run_that_is_killed_is_gone_on_with_and_comes_to_the_same(
    processes: TaskDeployment, undisturbed: dict[str, str], killed_by: signal.Signals, exit_code: int
) -> None:
    run_id = killed_by.name
    first = launch(processes, run_id)
    eventually(lambda: processes.checkpoint(run_id) or None)

    first.send_signal(killed_by)
    killed, _ = ended(first)
    reached = int(processes.checkpoint(run_id)["done"])
    resumed, lines = ended(launch(processes, run_id))

    assert (killed, resumed) == (exit_code, 0)
    assert 0 < reached < PARCELS
    assert processes.checkpoint(run_id) == undisturbed
    assert lines[-1]["Items"] == PARCELS - reached


def test_missing_variable_is_named_and_exits_with_2(processes: TaskDeployment) -> None:
    container = processes.container()

    code, lines = ended(process(processes, {"ENVIRONMENT": variables(container)["ENVIRONMENT"]}))

    assert code == 2
    assert "CHECKPOINTS" in lines[-1]["detail"]


def launch(processes: TaskDeployment, run_id: str) -> subprocess.Popen[str]:
    """Start a run by the workflow, and a process with what its task is told."""
    task_arn = processes.start(run_id, PARCELS)
    [task] = (task for task in processes.tasks() if task["taskArn"] == task_arn)
    [overrides] = task["overrides"]["containerOverrides"]
    told = variables(processes.container()) | variables(overrides)
    return process(processes, told | {"AWS_ENDPOINT_URL": processes.account.endpoint})


def process(processes: TaskDeployment, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start the entry point of the image with the repository's own Python and sources."""
    [written] = re.findall(
        r"^ENTRYPOINT (\[.*\])$", (processes.service / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    _, *arguments = processes.container().get("entryPoint") or json.loads(written)
    return subprocess.Popen(
        [processes.service / PYTHON, *arguments],
        env={"PYTHONPATH": str(processes.service / "src"), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]]]:
    """Wait for the end of a process; return its exit code and what it logged."""
    said, _ = process.communicate()
    return process.returncode, [json.loads(line) for line in said.splitlines()]
