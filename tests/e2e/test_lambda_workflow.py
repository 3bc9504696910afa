"""A workflow, rendered, built and deployed unchanged to the local AWS emulator, and started for real runs.

A pass means deployable and wired, as far as the emulator goes; it does not mean that AWS has accepted it.
Three of its gaps show here. It calls every error of a handler by one name, so what AWS would not try again is
tried again. It refuses a second start under a running name, where AWS answers with the run. It asks IAM about
the function's role alone, not about the workflow's.
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from rendering import EXAMPLES

from e2e.deployment import FEW_INFRASTRUCTURES, Deployment, build_service, deployed
from e2e.state import leftovers, log_lines, outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

PATIENCE_SECONDS = 120
ORDER = {"version": 1, "seed": 7, "parcels": 2_500}
# A page of 100 parcels, so that an order has chunks of 1,000, 1,000 and 500.
PAGE_PARCELS = 100
# AWS would say `RejectedError`.
ONE_NAME_FOR_ALL = "Runtime.HandlerError"


@pytest.fixture(scope="module", params=FEW_INFRASTRUCTURES)
def workflow_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("workflow") / "tariff-forecasts"
    build_service(folder, EXAMPLES["workflow"], request.param)
    return folder


@pytest.fixture(scope="module")
def workflow(workflow_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with pytest.MonkeyPatch.context() as environment:
        # Pauses between two attempts take a twentieth of their time.
        environment.setenv("SFN_WAIT_SCALE", "0.05")
        with deployed(workflow_service, log) as deployment:
            told(deployment, PAGE_PARCELS=str(PAGE_PARCELS))
            yield deployment


def test_run_adds_up_every_chunk(workflow: Deployment) -> None:
    ended = run(workflow, "whole", ORDER)

    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["parcels"] == 2_500
    assert steps(workflow, ended) == [(0, True), (1_000, True), (2_000, True)]
    assert checkpoints(workflow, ended) == {0: 1_000, 1_000: 2_000, 2_000: 2_500}


def test_run_of_one_seed_always_gives_one_result(workflow: Deployment) -> None:
    results = [json.loads(run(workflow, name, ORDER)["output"]) for name in ("once", "again")]

    assert results[0] == results[1]


def test_run_that_is_started_twice_is_one_run(workflow: Deployment) -> None:
    before = len(runs(workflow))
    started = start(workflow, "twice", ORDER)

    with contextlib.suppress(workflow.account.client("stepfunctions").exceptions.ClientError):
        assert start(workflow, "twice", ORDER) == started

    assert ended(workflow, started)["status"] == "SUCCEEDED"
    assert len(runs(workflow)) == before + 1


def test_step_that_runs_out_of_time_is_called_again_until_its_chunk_is_done(workflow: Deployment) -> None:
    """With less than the reserve left from the beginning, each step does a single page."""
    with time_running_out(workflow):
        found = run(workflow, "short", {**ORDER, "parcels": 1_000})

    assert json.loads(found["output"])["parcels"] == 1_000
    assert steps(workflow, found) == [(0, False)] * 9 + [(0, True)]


@pytest.mark.parametrize(
    ("name", "order", "reason"),
    [
        ("no-object", "nonsense", "wrong_shape"),
        ("next", {**ORDER, "version": 2}, "unknown_version"),
        ("huge", {**ORDER, "parcels": 10**40}, "wrong_shape"),
    ],
)
def test_poison_ends_in_the_dead_letter_queue(
    workflow: Deployment, name: str, order: object, reason: str
) -> None:
    found = run(workflow, name, order)

    assert (found["status"], found["error"]) == ("FAILED", ONE_NAME_FOR_ALL)
    [kept] = [letter for letter in dead_letters(workflow) if letter["run"] == found["executionArn"]]
    assert kept["order"] == order
    assert reason in kept["failure"]["Cause"]


def test_step_without_its_rights_is_tried_again_and_goes_on_when_it_has_them(workflow: Deployment) -> None:
    with rights_taken_away(workflow, "dynamodb:PutItem"):
        started = start(workflow, "forbidden", {**ORDER, "parcels": 1_000})
        eventually(lambda: "TaskFailed" in happened(workflow, {"executionArn": started}))
    found = ended(workflow, started)

    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"])["parcels"] == 1_000
    assert checkpoints(workflow, found) == {0: 1_000}


def test_deleting_a_used_stack_leaves_nothing(workflow_service: Path, tmp_path: Path) -> None:
    with deployed(workflow_service, tmp_path / "emulator.log") as deployment:
        run(deployment, "last", ORDER)
        assert {"queues", "state machines", "tables"} <= set(leftovers(deployment.account))

        deployment.delete()

        assert leftovers(deployment.account) == {}


def told(deployment: Deployment, **changed: str) -> dict[str, str]:
    """Change some of the function's variables and return all as they were."""
    functions, function = deployment.account.client("lambda"), deployment.function()
    before: dict[str, str] = function["Environment"]["Variables"]
    variables = {"Variables": {**before, **changed}}
    functions.update_function_configuration(FunctionName=function["FunctionName"], Environment=variables)
    return before


@contextlib.contextmanager
def time_running_out(deployment: Deployment) -> Iterator[None]:
    """Reserve all the time that a step has."""
    before = told(deployment, STOP_BEFORE_SECONDS="900")
    try:
        yield
    finally:
        told(deployment, **before)


@contextlib.contextmanager
def rights_taken_away(deployment: Deployment, action: str) -> Iterator[None]:
    """Remove the statements with an action from the function's role for a while."""
    identities = deployment.account.client("iam")
    name = deployment.function()["Role"].rsplit("/", 1)[-1]
    (policy,) = identities.list_role_policies(RoleName=name)["PolicyNames"]
    document = identities.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    others = [statement for statement in document["Statement"] if action not in statement["Action"]]
    put(identities, name, policy, {**document, "Statement": others})
    try:
        yield
    finally:
        put(identities, name, policy, document)


def put(identities: Any, role: str, policy: str, document: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def start(deployment: Deployment, name: str, order: object) -> str:
    machine = outputs(deployment.account, deployment.stack)["WorkflowArn"]
    client = deployment.account.client("stepfunctions")
    started = client.start_execution(stateMachineArn=machine, name=name, input=json.dumps(order))
    return str(started["executionArn"])


def ended(deployment: Deployment, run: str) -> dict[str, Any]:
    client = deployment.account.client("stepfunctions")
    eventually(lambda: client.describe_execution(executionArn=run)["status"] != "RUNNING")
    return dict(client.describe_execution(executionArn=run))


def run(deployment: Deployment, name: str, order: object) -> dict[str, Any]:
    return ended(deployment, start(deployment, name, order))


def runs(deployment: Deployment) -> list[str]:
    machine = outputs(deployment.account, deployment.stack)["WorkflowArn"]
    found = deployment.account.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return [item["executionArn"] for item in found]


def happened(deployment: Deployment, run: dict[str, Any]) -> list[str]:
    """Return the types of a run's events in order."""
    client = deployment.account.client("stepfunctions")
    events = client.get_execution_history(executionArn=run["executionArn"], maxResults=1_000)["events"]
    return [event["type"] for event in events]


def steps(deployment: Deployment, run: dict[str, Any]) -> list[tuple[int, bool]]:
    """Return each step of a run from the function's log: where its chunk starts, and whether it was done."""
    lines = log_lines(deployment.account, deployment.function())
    mine = [line for line in lines if line.get("correlation_id") == run["executionArn"]]
    return sorted((line["start"], line["done"]) for line in mine if line["message"] == "worked")


def checkpoints(deployment: Deployment, run: dict[str, Any]) -> dict[int, int]:
    """Return how far each chunk of a run has come, by where it starts."""
    (table,) = deployment.account.client("dynamodb").list_tables()["TableNames"]
    items = deployment.account.client("dynamodb").scan(TableName=table)["Items"]
    mine = [item for item in items if item["run_id"]["S"] == run["executionArn"]]
    return {int(item["chunk_start"]["N"]): int(item["done_to"]["N"]) for item in mine}


def dead_letters(deployment: Deployment) -> list[dict[str, Any]]:
    url = outputs(deployment.account, deployment.stack)["DeadLettersUrl"]
    found = deployment.account.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def eventually(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is one, or patience ends; return the last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
