"""A Fargate task for each message of a queue: what the emulator has of it, and the job as Batch would run it.

The emulator has the queues, the table, the roles and the log group. Its CloudFormation knows nothing of AWS
Batch, no job runs there, and no pipe reads a queue (test_task_gaps): `LEFT_OUT` is what nobody deployed here,
and the rendered tests read it in the template. Here a message is taken as the pipe takes it, told to a job by
the paths that the template declares, and the job is run in its container by its declared definition.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import tool

from e2e import gaps
from e2e.emulator import emulator
from e2e.tasks import TaskDeployment, build_tasks, eventually, kill_when

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from e2e.containers import Engine

pytestmark = pytest.mark.e2e

# Two pages of job.py, to be killed between.
PARCELS = 1_000_000
ORDER = {"seed": "7", "parcels": str(PARCELS)}
# By type and logical id of what the template has and the account has not.
LEFT_OUT = {
    "AWS::Batch::ComputeEnvironment": ["Environment"],
    "AWS::Batch::JobDefinition": ["Job"],
    "AWS::Batch::JobQueue": ["Jobs"],
    "AWS::Events::Rule": ["Failures"],
    "AWS::IAM::Role": ["PipeRole"],
    "AWS::Pipes::Pipe": ["Pipe"],
    "AWS::SQS::QueuePolicy": ["DeadLettersPolicy"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Runs jobs as Batch does, by what the template declares of them.

    Attributes:
        engine: What runs their containers.
        image: What was built from the service's Dockerfile.
        declared: The job definition.
    """

    engine: Engine
    image: str
    declared: Mapping[str, Any]

    def start(self, environment: Mapping[str, str]) -> str:
        """Start the container of a job, and return its id."""
        container = self.declared["ContainerProperties"]
        # The engine of `make tools` has no first process to give; the rendered tests ask for it.
        return self.engine.run(
            *("run", "--detach", "--user", container["User"]),
            *(("--read-only",) if container["ReadonlyRootFilesystem"] else ()),
            *(option for item in environment.items() for option in ("--env", "=".join(item))),
            self.image,
        ).strip()

    def process_id(self, container: str) -> int:
        """Return the first process of a job, to be killed without a command."""
        return int(self.engine.run("inspect", "--format", "{{.State.Pid}}", container))

    def ended(self, container: str) -> tuple[int, list[dict[str, Any]]]:
        """Wait for the end of a job; return its exit code and what it logged."""
        code = int(self.engine.run("wait", container))
        lines = [json.loads(line) for line in self.engine.run("logs", container).splitlines()]
        self.engine.run("rm", container)
        return code, lines


@pytest.fixture(scope="module")
def queued(
    forecasts: Path, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TaskDeployment]:
    """The service that messages start; under the same name its image is the same."""
    folder: Path = tmp_path_factory.mktemp("queued") / forecasts.name
    build_tasks(folder, "queue")
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with emulator(tool("ministack"), log, engine=engine) as account:
        deployment = TaskDeployment(service=folder, account=account)
        deployment.create()
        yield deployment


@pytest.fixture(scope="module")
def jobs(queued: TaskDeployment, engine: Engine, image: str) -> Jobs:
    """What stands in for Batch."""
    [declared] = queued.declared("AWS::Batch::JobDefinition")
    return Jobs(engine=engine, image=image, declared=declared)


def test_all_is_deployed_but_what_is_named_here(queued: TaskDeployment) -> None:
    whole, deployed = queued.template(), gaps.without_refused_types(queued.template())
    missing = whole["Resources"].keys() - deployed["Resources"].keys()
    by_type: dict[str, list[str]] = {}
    for name in sorted(missing):
        plain = re.sub(r"[0-9A-F]{8}$", "", name)
        by_type.setdefault(whole["Resources"][name]["Type"], []).append(plain)

    assert by_type == LEFT_OUT


def test_message_is_a_run_that_survives_a_kill_and_a_second_delivery_changes_nothing(
    queued: TaskDeployment, jobs: Jobs
) -> None:
    message = take(queued, send(queued, ORDER))
    first = jobs.start(told(queued, message))

    kill_when(jobs.process_id(first), lambda: queued.checkpoint(message["messageId"]))
    killed, _ = jobs.ended(first)
    reached = int(queued.checkpoint(message["messageId"])["done"])
    resumed, lines = jobs.ended(jobs.start(told(queued, message)))
    done = queued.checkpoint(message["messageId"])
    again, lines_again = jobs.ended(jobs.start(told(queued, message)))

    assert [killed, resumed, again] == [137, 0, 0]
    assert 0 < reached < PARCELS
    assert done["done"] == str(PARCELS)
    assert queued.checkpoint(message["messageId"]) == done
    assert [items(lines), items(lines_again)] == [PARCELS - reached, 0]


def test_message_that_no_job_can_be_made_of_ends_among_the_dead_letters(queued: TaskDeployment) -> None:
    queues, url = queued.account.client("sqs"), queued.outputs["QueueUrl"]
    send(queued, {"seed": "7"})

    # The pipe finds no value at its path and leaves the message; each time it is taken again.
    def ask() -> list[dict[str, Any]] | None:
        for message in queues.receive_message(QueueUrl=url).get("Messages", []):
            with pytest.raises(KeyError, match="parcels"):
                told(queued, as_piped(message))
            queues.change_message_visibility(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        return queued.dead_letters() or None

    assert eventually(ask) == [{"seed": "7"}]


def test_job_with_a_wrong_setting_ends_with_the_code_that_is_not_tried_again(
    queued: TaskDeployment, jobs: Jobs
) -> None:
    message = take(queued, send(queued, {**ORDER, "parcels": "many"}))

    code, _ = jobs.ended(jobs.start(told(queued, message)))

    assert str(code) == jobs.declared["RetryStrategy"]["EvaluateOnExit"][0]["OnExitCode"]


def send(queued: TaskDeployment, order: Mapping[str, str]) -> str:
    """Send a message, and return its id."""
    sent = queued.account.client("sqs").send_message(
        QueueUrl=queued.outputs["QueueUrl"], MessageBody=json.dumps(order)
    )
    return str(sent["MessageId"])


def take(queued: TaskDeployment, message_id: str) -> dict[str, Any]:
    """Take the message as the pipe does, and return it as the pipe has it."""
    queues, url = queued.account.client("sqs"), queued.outputs["QueueUrl"]

    def ask() -> dict[str, Any] | None:
        return next(iter(queues.receive_message(QueueUrl=url).get("Messages", [])), None)

    message = eventually(ask)
    queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert message["MessageId"] == message_id
    return as_piped(message)


def as_piped(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as a pipe has it: in words of its own, the body read where it is JSON."""
    return {"messageId": message["MessageId"], "body": json.loads(message["Body"])}


def told(queued: TaskDeployment, message: Mapping[str, Any]) -> dict[str, str]:
    """Return what a job of a message is told: by its definition, its role, and the paths of the pipe."""
    [job] = queued.declared("AWS::Batch::JobDefinition")
    [pipe] = queued.declared("AWS::Pipes::Pipe")
    overrides = pipe["TargetParameters"]["BatchJobParameters"]["ContainerOverrides"]["Environment"]
    environment = gaps.job_environment(queued.account, queued.stack, job["ContainerProperties"])
    for variable in overrides:
        value: Any = message
        for step in variable["Value"].removeprefix("$.").split("."):
            value = value[step]
        environment[variable["Name"]] = value
    return environment | {"AWS_ENDPOINT_URL": queued.account.endpoint}


def items(lines: list[dict[str, Any]]) -> int:
    """Return how many parcels a job counted, from its metrics."""
    [metrics] = [line for line in lines if "_aws" in line]
    return int(metrics["Items"])
