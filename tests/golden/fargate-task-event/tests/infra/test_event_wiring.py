"""Events of one kind start this task, and none of them is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference
from infra.event_pattern import matches

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

SOURCE = "acme.planning"
LONGEST_AGE_SECONDS = 86_400
# All that RunTask takes, in characters.
LARGEST_OVERRIDES = 8_192
LARGEST_NUMBER = 5_000_000_000


def ordered(**detail: object) -> dict[str, Any]:
    """An order of a forecast with some fields replaced; those that are `None` are left out."""
    given = {"seed": 7, "parcels": 250, **detail}
    return {
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "source": SOURCE,
        "detail-type": "ForecastOrdered",
        "detail": {name: value for name, value in given.items() if value is not None},
    }


@pytest.fixture
def start(stack: Stack) -> Resource:
    """What starts runs."""
    rules = [one for one in stack.of_type("AWS::Events::Rule") if SOURCE in one.properties["EventPattern"]["source"]]
    [start] = [rule for rule in rules if "EcsParameters" in rule.properties["Targets"][0]]
    return start


@pytest.fixture
def refused(stack: Stack, letters: Reference) -> Resource:
    """What keeps events for which no run can be started."""
    rules = [one for one in stack.of_type("AWS::Events::Rule") if SOURCE in one.properties["EventPattern"]["source"]]
    [refused] = [rule for rule in rules if rule.properties["Targets"][0]["Arn"] == letters]
    return refused


@pytest.fixture
def first(start: Resource) -> dict[str, Any]:
    """On what and where a run is started."""
    return dict(start.properties["Targets"][0]["EcsParameters"])


@pytest.fixture
def letters(stack: Stack) -> Reference:
    """The dead-letter queue."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return Reference(letters.logical_id, "Arn")


def told(rule: Resource, event: dict[str, Any]) -> str:
    """Return what the task is told of an event: EventBridge puts values in as they are and escapes nothing."""
    transformer = rule.properties["Targets"][0]["InputTransformer"]
    text = str(transformer["InputTemplate"])
    for name, path in transformer["InputPathsMap"].items():
        value: Any = event
        for step in path.removeprefix("$.").split("."):
            value = value[step]
        text = text.replace(f"<{name}>", str(value))
    return text


def variables(text: str) -> dict[str, str]:
    """Return the variables of what a task is told."""
    [override] = json.loads(text)["containerOverrides"]
    return {variable["name"]: variable["value"] for variable in override["environment"]}


def test_a_run_is_this_task_in_this_cluster_on_the_decided_capacity(
    stack: Stack, start: Resource, first: dict[str, Any], record: dict[str, Any]
) -> None:
    [cluster], [task] = stack.of_type("AWS::ECS::Cluster"), stack.of_type("AWS::ECS::TaskDefinition")
    [target] = start.properties["Targets"]
    [capacity] = first["CapacityProviderStrategy"]

    assert target["Arn"] == Reference(cluster.logical_id, "Arn")
    assert first["TaskDefinitionArn"] == Reference(task.logical_id)
    assert first.get("TaskCount", 1) == 1
    assert capacity["CapacityProvider"] == ("FARGATE_SPOT" if record["task"]["interruptible"] else "FARGATE")


def test_a_task_can_reach_aws(stack: Stack, first: dict[str, Any]) -> None:
    [network] = first["NetworkConfiguration"].values()
    subnets = {Reference(subnet.logical_id) for subnet in stack.of_type("AWS::EC2::Subnet")}

    assert set(network["Subnets"]) == subnets
    assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_a_start_that_fails_is_tried_again_and_kept(start: Resource, letters: Reference) -> None:
    [target] = start.properties["Targets"]

    assert target.get("DeadLetterConfig", {}).get("Arn") == letters, "EventBridge drops what it cannot start"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == LONGEST_AGE_SECONDS


@pytest.mark.parametrize("detail", [{}, {"parcels": LARGEST_NUMBER}, {"added_by_a_sender": "later"}])
def test_an_order_starts_one_run_and_is_not_kept(start: Resource, refused: Resource, detail: dict[str, object]) -> None:
    assert matches(start.properties["EventPattern"], ordered(**detail))
    assert not matches(refused.properties["EventPattern"], ordered(**detail))


@pytest.mark.parametrize("name", ["seed", "parcels"])
@pytest.mark.parametrize("value", [None, 0, -1, "", "7", '7"},{"name":"CHECKPOINTS","value":"mine', True, False])
def test_an_order_without_its_numbers_starts_nothing_and_is_kept(
    start: Resource, refused: Resource, name: str, value: object
) -> None:
    assert not matches(start.properties["EventPattern"], ordered(**{name: value})), "it could say what it likes"
    assert matches(refused.properties["EventPattern"], ordered(**{name: value})), "nobody would see it"


@pytest.mark.parametrize("other", [{"source": "acme.depot"}, {"detail-type": "ForecastCancelled"}])
def test_events_of_another_kind_are_left_alone(start: Resource, refused: Resource, other: dict[str, str]) -> None:
    rules = (start, refused)

    assert not any(matches(rule.properties["EventPattern"], {**ordered(), **other}) for rule in rules)


def test_a_run_is_named_by_its_event_and_told_its_numbers(start: Resource) -> None:
    assert variables(told(start, ordered())) == {
        "RUN_ID": "7bf73129-1428-4cd3-a780-95db273d1602",
        "SEED": "7",
        "PARCELS": "250",
    }


def test_the_largest_order_can_be_told(start: Resource) -> None:
    assert len(told(start, ordered(seed=LARGEST_NUMBER, parcels=LARGEST_NUMBER))) <= LARGEST_OVERRIDES


def test_the_rules_are_on_the_bus_that_senders_are_told(stack: Stack, start: Resource, refused: Resource) -> None:
    buses = [rule.properties.get("EventBusName") for rule in (start, refused)]

    assert buses == [stack.outputs["EventBusName"]] * 2, "a rule hears nothing of what is sent to the other bus"


def test_whoever_starts_tasks_may_start_this_one_and_nothing_else(stack: Stack, letters: Reference) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    roles = [task.properties["TaskRoleArn"], task.properties["ExecutionRoleArn"]]
    starters = [one for one in stack.of_type("AWS::IAM::Role") if Reference(one.logical_id, "Arn") not in roles]

    for role in starters:
        [policy] = role.properties["Policies"]
        allowed = {one["Action"]: one for one in policy["PolicyDocument"]["Statement"]}
        assert set(allowed) == {"ecs:RunTask", "ecs:TagResource", "iam:PassRole", "sqs:SendMessage"}
        assert allowed["ecs:RunTask"]["Resource"] == Reference(task.logical_id)
        assert "ecs:cluster" in allowed["ecs:RunTask"]["Condition"]["ArnEquals"]
        assert allowed["iam:PassRole"]["Resource"] == roles
        assert allowed["sqs:SendMessage"]["Resource"] == letters


def test_only_this_account_takes_the_starters_roles(stack: Stack) -> None:
    conditions = [
        statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        for role in stack.of_type("AWS::IAM::Role")
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]
    ]

    assert set(conditions) == {"123456789012"}


@pytest.fixture
def restart(stack: Stack) -> Resource:
    """What starts again what Spot took back."""
    ended = [one for one in stack.of_type("AWS::Events::Rule") if "aws.ecs" in one.properties["EventPattern"]["source"]]
    [restart] = [rule for rule in ended if "EcsParameters" in rule.properties["Targets"][0]]
    return restart


@pytest.mark.parametrize("code", ["SpotInterruption", "TaskFailedToStart"])
def test_what_spot_took_back_is_started_again_once_and_is_no_failure(
    code: str, stack: Stack, restart: Resource, letters: Reference
) -> None:
    ended = [one for one in stack.of_type("AWS::Events::Rule") if "aws.ecs" in one.properties["EventPattern"]["source"]]
    [failures] = [rule for rule in ended if rule.properties["Targets"][0]["Arn"] == letters]
    detail = {
        "clusterArn": restart.properties["EventPattern"]["detail"]["clusterArn"][0],
        "lastStatus": "STOPPED",
        "stopCode": code,
        "containers": [{"exitCode": 143}],
    }
    event = {"source": "aws.ecs", "detail-type": "ECS Task State Change"}
    taken_back = {**event, "detail": {**detail, "capacityProviderName": "FARGATE_SPOT"}}
    started_again = {**event, "detail": {**detail, "capacityProviderName": "FARGATE"}}

    assert matches(restart.properties["EventPattern"], taken_back)
    assert not matches(failures.properties["EventPattern"], taken_back)
    assert not matches(restart.properties["EventPattern"], started_again), "it would be started for ever"


def test_what_is_started_again_is_the_same_run_where_nobody_takes_it_back(
    restart: Resource, first: dict[str, Any], letters: Reference
) -> None:
    [target] = restart.properties["Targets"]
    parameters = target["EcsParameters"]
    [network], [first_network] = (one["NetworkConfiguration"].values() for one in (parameters, first))

    assert target["InputTransformer"] == {
        "InputPathsMap": {"overrides": "$.detail.overrides.containerOverrides"},
        "InputTemplate": '{"containerOverrides": <overrides>}',
    }
    assert [item["CapacityProvider"] for item in parameters["CapacityProviderStrategy"]] == ["FARGATE"]
    assert parameters["TaskDefinitionArn"] == first["TaskDefinitionArn"]
    assert network == first_network
    assert target["DeadLetterConfig"]["Arn"] == letters
