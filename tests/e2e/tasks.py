"""A service of the Fargate task tier in an account: its stack, its image and its tasks."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from environments import set_up
from toolbox import REPOSITORY, module, search_path, tool

from e2e import gaps
from e2e.deployment import run
from e2e.emulator import emulator
from e2e.state import outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from e2e.containers import Engine
    from e2e.emulator import Account

__all__ = [
    "BOOTSTRAP_VERSION",
    "PYTHON",
    "TaskDeployment",
    "build_tasks",
    "deployed_tasks",
    "eventually",
    "exit_codes",
    "kill_when",
    "variables",
]

Answer = TypeVar("Answer")
Deployed = TypeVar("Deployed", bound="TaskDeployment")

ANSWERS = REPOSITORY / "tests" / "cases" / "tasks"
ENVIRONMENT = "dev"
# Of the emulator, whoever calls it.
ACCOUNT_ID = "000000000000"
PYTHON = ".venv/bin/python"
PATIENCE_SECONDS = 120
SEED = 7
# What the bootstrap stack of the CDK leaves in an account, as far as a stack asks for it.
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDeployment:
    """A service in an account.

    Attributes:
        service: The service's repository, named like the service, whose stacks are synthesised.
        account: The account.
    """

    service: Path
    account: Account

    @property
    def stack(self) -> str:
        """The name of the service's stack."""
        return f"{self.service.name}-{ENVIRONMENT}"

    @property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs by name."""
        return outputs(self.account, self.stack)

    def create(self) -> None:
        """Create the stack from the template that the CDK wrote, without what the emulator refuses."""
        self.account.client("ssm").put_parameter(Name=BOOTSTRAP_VERSION, Value="30", Type="String")
        template = gaps.without_refused_types(self.template())
        formation = self.account.client("cloudformation")
        formation.create_stack(
            StackName=self.stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
        )
        self._wait("stack_create_complete")
        if gaps.give_tasks_their_role(self.account, self.stack, template):
            self._wait("stack_update_complete")

    def delete(self) -> None:
        """Delete the stack."""
        self.account.client("cloudformation").delete_stack(StackName=self.stack)
        self._wait("stack_delete_complete")

    def template(self) -> dict[str, Any]:
        """Return the template that the CDK wrote."""
        written = self.service / "cdk.out" / f"{self.stack}.template.json"
        template: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
        return template

    def declared(self, kind: str) -> list[dict[str, Any]]:
        """Return the properties of every resource of a type, as the template has them."""
        resources = self.template()["Resources"].values()
        return [resource["Properties"] for resource in resources if resource["Type"] == kind]

    def container(self) -> dict[str, Any]:
        """Return the only container of the latest task definition."""
        (container,) = self.task_definition()["containerDefinitions"]
        return dict(container)

    def pushed_image(self) -> str:
        """Return the name of the image in the account's registry."""
        [definition] = self.declared("AWS::ECS::TaskDefinition")
        [container] = definition["ContainerDefinitions"]
        name: str = container["Image"]["Fn::Sub"]
        return name.replace("${AWS::AccountId}", ACCOUNT_ID).replace("${AWS::URLSuffix}", "amazonaws.com")

    def task_definition(self) -> dict[str, Any]:
        """Return the latest revision of the service's task definition, as ECS has it."""
        found = self.account.client("ecs").describe_task_definition(taskDefinition=self.stack)
        definition: dict[str, Any] = found["taskDefinition"]
        return definition

    def cluster_arn(self) -> str:
        """Return the ARN of the service's cluster."""
        found = self.account.client("ecs").describe_clusters(clusters=[self.stack])["clusters"]
        return str(found[0]["clusterArn"])

    def tasks(self) -> list[dict[str, Any]]:
        """Return every task that the cluster had or has, the oldest first."""
        ecs = self.account.client("ecs")
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in ecs.list_tasks(cluster=self.stack, desiredStatus=status)["taskArns"]
        ]
        if not arns:
            return []
        found = ecs.describe_tasks(cluster=self.stack, tasks=arns)["tasks"]
        return sorted(found, key=lambda task: task["createdAt"])

    def running_tasks(self) -> list[str]:
        """Return the tasks that run or are to run."""
        running: list[str] = self.account.client("ecs").list_tasks(cluster=self.stack)["taskArns"]
        return running

    def stopped(self, task_arn: str) -> dict[str, Any]:
        """Wait until a task has stopped, and return it."""

        def ask() -> dict[str, Any] | None:
            found = self.account.client("ecs").describe_tasks(cluster=self.stack, tasks=[task_arn])["tasks"]
            return found[0] if found[0]["lastStatus"] == "STOPPED" else None

        return eventually(ask)

    def start(self, run_id: str, parcels: int) -> str:
        """Start a run by the workflow, as `make run` does, and return the ARN of its task."""
        before = {task["taskArn"] for task in self.tasks()}
        self.account.client("stepfunctions").start_execution(
            stateMachineArn=self.outputs["WorkflowArn"],
            input=json.dumps({"run_id": run_id, "seed": SEED, "parcels": parcels}),
        )

        def ask() -> str | None:
            return next((task["taskArn"] for task in self.tasks() if task["taskArn"] not in before), None)

        return eventually(ask)

    def run_target(
        self, declared: Mapping[str, Any], target: Mapping[str, Any], overrides: Mapping[str, Any]
    ) -> str:
        """Start what a target of kind ECS names, as Scheduler and EventBridge do, and return the task's ARN.

        Args:
            declared: The target as the template has it.
            target: The same one as it is deployed.
            overrides: What the task is told.
        """
        started = self.account.client("ecs").run_task(
            cluster=target["Arn"],
            taskDefinition=target["EcsParameters"]["TaskDefinitionArn"],
            overrides=overrides,
            **gaps.where_target_runs(self.account, self.stack, declared["EcsParameters"]),
        )
        assert started["failures"] == []
        return str(started["tasks"][0]["taskArn"])

    def dead_letters(self) -> list[dict[str, Any]]:
        """Take what lies in the dead-letter queue."""
        queues, url = self.account.client("sqs"), self.outputs["DeadLettersUrl"]
        taken = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in taken:
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in taken]

    def log_lines(self, run_id: str = "") -> list[dict[str, Any]]:
        """Return what tasks logged, of one run or of all."""
        group = self.container()["logConfiguration"]["options"]["awslogs-group"]
        events = self.account.client("logs").filter_log_events(logGroupName=group)["events"]
        lines = [json.loads(event["message"]) for event in events]
        return [line for line in lines if line.get("run_id") == run_id or not run_id]

    def checkpoint(self, run_id: str) -> dict[str, str]:
        """Return how far a run has come, and its totals; nothing where it has not come far."""
        if "CheckpointsBucket" in self.outputs:
            return self._checkpoint_in_s3(run_id)
        found = self.account.client("dynamodb").get_item(
            TableName=self.outputs["CheckpointsTable"], Key={"run_id": {"S": run_id}}, ConsistentRead=True
        )
        if "Item" not in found:
            return {}
        totals = {name: total["N"] for name, total in found["Item"]["tally"]["M"].items()}
        return {"done": found["Item"]["done"]["N"], **totals}

    def _checkpoint_in_s3(self, run_id: str) -> dict[str, str]:
        storage = self.account.client("s3")
        place = {"Bucket": self.outputs["CheckpointsBucket"], "Key": f"runs/{quote(run_id, safe='')}.json"}
        try:
            saved = json.loads(storage.get_object(**place)["Body"].read())
        except storage.exceptions.NoSuchKey:
            return {}
        totals = {name: str(total) for name, total in saved["tally"].items()}
        return {"done": str(saved["done"]), **totals}

    def _wait(self, until: str) -> None:
        waiter = self.account.client("cloudformation").get_waiter(until)
        waiter.wait(StackName=self.stack, WaiterConfig={"Delay": 1, "MaxAttempts": PATIENCE_SECONDS})


def build_tasks(
    folder: Path,
    trigger: str,
    *verbs: str,
    cases: Path = ANSWERS,
    checkpoint: str = "dynamodb",
    **changed: str,
) -> None:
    """Create a service of a tier of containers with the real command, and write its stacks.

    It is made for the machine that tests, and named after its folder; both are answers of the tool.

    Args:
        folder: Where.
        trigger: What starts its tasks, or feeds them.
        verbs: Of its Makefile, besides `setup`.
        cases: The folder of its answers.
        checkpoint: Where it keeps how far a run has come.
        changed: What else is answered otherwise.
    """
    for needed in ("make", "ministack", "uv"):
        tool(needed)
    module("boto3")
    create = [
        sys.executable,
        "-m",
        "generator",
        "create",
        str(folder),
        "--answers",
        str(cases / f"{trigger}.yaml"),
    ]
    answers = {"architecture": "x86_64", "project_name": folder.name, "checkpoint": checkpoint, **changed}
    told = [part for key, value in answers.items() for part in ("--data", f"{key}={value}")]
    run([*create, *told], REPOSITORY, os.environ)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    # Where `make tools` installed an engine, the service's own tests of its image run too.
    environment |= {"PATH": search_path(), "CDK_DOCKER": "podman"}
    set_up(folder)
    if verbs:
        run(["make", *verbs], folder, environment)
    # The CDK's own rules are `make check`'s.
    written = {"CDK_OUTDIR": str(folder / "cdk.out"), "CDK_VALIDATION": "false"}
    run([str(folder / PYTHON), "infra/app.py"], folder, environment | written)


@contextlib.contextmanager
def deployed_tasks(
    service: Path,
    log: Path,
    *,
    engine: Engine | None = None,
    image: str = "",
    of: Callable[..., Deployed] = TaskDeployment,  # type: ignore[assignment]  # its own default
) -> Iterator[Deployed]:
    """Start an account and deploy the service to it.

    Args:
        service: The service's repository, with the CDK's output.
        log: Where the emulator writes what it does.
        engine: What runs the tasks; without it none is started.
        image: What was built from the service's Dockerfile.
        of: What the deployment is.
    """
    with emulator(tool("ministack"), log, engine=engine) as account:
        deployment = of(service=service, account=account)
        if engine:
            # The CDK pushes it before it deploys; a service starts a task while it is made.
            engine.run("tag", image, deployment.pushed_image())
        deployment.create()
        yield deployment


def eventually(ask: Callable[[], Answer | None], *, patience_seconds: float = PATIENCE_SECONDS) -> Answer:
    """Ask until there is an answer, or patience ends."""
    deadline = time.monotonic() + patience_seconds
    while (answer := ask()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no answer in {patience_seconds} s")
        time.sleep(0.2)
    return answer


def kill_when(process: int, happened: Callable[[], object]) -> None:
    """Kill a process as soon as something has happened; it stands still whenever that is looked at."""

    def ask() -> bool | None:
        os.kill(process, signal.SIGSTOP)
        ended = bool(happened())
        os.kill(process, signal.SIGKILL if ended else signal.SIGCONT)
        return ended or None

    eventually(ask)


def exit_codes(task: Mapping[str, Any]) -> list[int]:
    """Return the exit code of each container of a task."""
    return [container["exitCode"] for container in task["containers"]]


def variables(container: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a container definition or of a container's overrides."""
    return {variable["name"]: variable["value"] for variable in container["environment"]}
