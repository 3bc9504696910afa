"""The workflow runs this task, again where it was stopped, not for ever, and keeps what failed for good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.cloudformation import Stack

LONGEST_RUN_SECONDS = 31_536_000


@pytest.fixture
def states(stack: Stack, template: Mapping[str, Any]) -> dict[str, Any]:
    """The states of the workflow; what only the deployment knows stands as the name of its resource."""
    [workflow] = stack.of_type("AWS::StepFunctions::StateMachine")
    text = _text(template["Resources"][workflow.logical_id]["Properties"]["DefinitionString"])
    return dict(json.loads(text)["States"])


def _text(value: Any) -> str:
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(_text, parts))
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Ref": name}:
            return str(name)
    return str(value)


def runs(states: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Follow the states that run the task, from the first to the one that is left when all others failed."""
    state = states["Run"]
    while state["Resource"].endswith(":ecs:runTask.sync"):
        yield state
        [otherwise] = state["Catch"]
        assert otherwise["ErrorEquals"] == ["States.ALL"]
        state = states[otherwise["Next"]]


def test_a_run_starts_where_the_record_says_and_ends_where_nobody_takes_the_machine_back(
    states: dict[str, Any], record: dict[str, Any]
) -> None:
    strategies = [run["Arguments"]["CapacityProviderStrategy"] for run in runs(states)]
    providers = [item["CapacityProvider"] for strategy in strategies for item in strategy]

    assert providers == (["FARGATE_SPOT", "FARGATE"] if record["task"]["interruptible"] else ["FARGATE"])


def test_every_run_is_this_task_in_this_cluster(states: dict[str, Any], stack: Stack) -> None:
    [cluster], [task] = stack.of_type("AWS::ECS::Cluster"), stack.of_type("AWS::ECS::TaskDefinition")

    started = {(run["Arguments"]["Cluster"], run["Arguments"]["TaskDefinition"]) for run in runs(states)}

    assert started == {(f"{cluster.logical_id}.Arn", task.logical_id)}


def test_a_task_can_reach_aws(states: dict[str, Any], stack: Stack) -> None:
    subnets = sorted(subnet.logical_id for subnet in stack.of_type("AWS::EC2::Subnet"))

    for run in runs(states):
        network = run["Arguments"]["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert sorted(network["Subnets"]) == subnets
        assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_every_run_brings_the_decided_disk(states: dict[str, Any], record: dict[str, Any]) -> None:
    volumes = [run["Arguments"].get("VolumeConfigurations", []) for run in runs(states)]
    sizes = {volume["ManagedEBSVolume"]["SizeInGiB"] for brought in volumes for volume in brought}

    assert sizes == ({record["task"]["volume_gib"]} - {0})
    assert all(volume["ManagedEBSVolume"]["TerminationPolicy"]["DeleteOnTermination"] for v in volumes for volume in v)


def test_a_run_is_tried_again_and_not_for_ever(states: dict[str, Any], record: dict[str, Any]) -> None:
    slowest = record["size"]["timeout_seconds"]
    attempts = [1 + retry["MaxAttempts"] for run in runs(states) for retry in run["Retry"] if _is_general(retry)]

    assert 2 <= sum(attempts) <= 5
    assert all(slowest < run["TimeoutSeconds"] <= LONGEST_RUN_SECONDS for run in runs(states))


def test_a_run_that_hung_is_not_tried_again(states: dict[str, Any]) -> None:
    firsts = [run["Retry"][0] for run in runs(states)]

    assert all(first == {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 0} for first in firsts)


def test_every_attempt_of_a_run_has_the_same_id(states: dict[str, Any]) -> None:
    ids = {
        variable["Value"]
        for run in runs(states)
        for override in run["Arguments"]["Overrides"]["ContainerOverrides"]
        for variable in override["Environment"]
        if variable["Name"] == "RUN_ID"
    }

    assert len(ids) == 1
    assert "$states.context.Execution.Name" in ids.pop()


def test_what_fails_for_good_is_kept_and_the_workflow_fails(states: dict[str, Any], stack: Stack) -> None:
    [letters] = stack.of_type("AWS::SQS::Queue")
    *_, last = runs(states)
    kept = states[last["Catch"][0]["Next"]]

    assert kept["Resource"].endswith(":sqs:sendMessage")
    assert kept["Arguments"]["QueueUrl"] == letters.logical_id
    assert states[kept["Next"]]["Type"] == "Fail"


def test_the_workflow_bills_by_the_step_and_may_take_as_long_as_a_run(stack: Stack) -> None:
    [workflow] = stack.of_type("AWS::StepFunctions::StateMachine")

    assert workflow.properties["StateMachineType"] == "STANDARD", "an express workflow ends after five minutes"


def test_the_workflow_may_start_this_task_and_nothing_else(stack: Stack) -> None:
    [workflow] = stack.of_type("AWS::StepFunctions::StateMachine")
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    role = stack.resources[workflow.properties["RoleArn"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]

    [start] = [one for one in statements if one["Action"] == "ecs:RunTask"]
    [pass_on] = [one for one in statements if one["Action"] == "iam:PassRole"]

    assert start["Resource"] == Reference(task.logical_id)
    assert "ecs:cluster" in start["Condition"]["ArnEquals"]
    roles = [task.properties["TaskRoleArn"], task.properties["ExecutionRoleArn"]]
    assert pass_on["Resource"][: len(roles)] == roles
    assert set(pass_on["Condition"]["StringEquals"]["iam:PassedToService"]) <= {
        "ecs-tasks.amazonaws.com",
        "ecs.amazonaws.com",
    }


def _is_general(retry: dict[str, Any]) -> bool:
    return bool(retry["ErrorEquals"] == ["States.ALL"])
