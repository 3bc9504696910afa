"""The clock starts this task, and nothing that it starts is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference
from infra.event_pattern import matches

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

LONGEST_AGE_SECONDS = 86_400


@pytest.fixture
def schedule(stack: Stack) -> Resource:
    """What starts runs."""
    [schedule] = stack.of_type("AWS::Scheduler::Schedule")
    return schedule


@pytest.fixture
def first(schedule: Resource) -> dict[str, Any]:
    """On what and where a run is started."""
    return dict(schedule.properties["Target"]["EcsParameters"])


@pytest.fixture
def letters(stack: Stack) -> Reference:
    """The dead-letter queue."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return Reference(letters.logical_id, "Arn")


def test_the_schedule_says_in_which_time_zone_it_runs_and_how_exactly(schedule: Resource) -> None:
    assert schedule.properties.get("ScheduleExpressionTimezone"), "set the time zone"
    assert schedule.properties["FlexibleTimeWindow"]["Mode"] in {"OFF", "FLEXIBLE"}
    assert schedule.properties.get("State", "ENABLED") == "ENABLED"


def test_two_stacks_of_one_account_have_two_schedules(schedule: Resource, template: dict[str, Any]) -> None:
    [family] = [
        resource["Properties"]["Family"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::ECS::TaskDefinition"
    ]

    assert schedule.properties["Name"] == family


def test_a_run_is_this_task_in_this_cluster_on_the_decided_capacity(
    stack: Stack, schedule: Resource, record: dict[str, Any]
) -> None:
    [cluster], [task] = stack.of_type("AWS::ECS::Cluster"), stack.of_type("AWS::ECS::TaskDefinition")
    target = schedule.properties["Target"]
    [capacity] = target["EcsParameters"]["CapacityProviderStrategy"]

    assert target["Arn"] == Reference(cluster.logical_id, "Arn")
    assert target["EcsParameters"]["TaskDefinitionArn"] == Reference(task.logical_id)
    assert target["EcsParameters"].get("TaskCount", 1) == 1
    assert capacity["CapacityProvider"] == ("FARGATE_SPOT" if record["task"]["interruptible"] else "FARGATE")


def test_a_task_can_reach_aws(stack: Stack, schedule: Resource) -> None:
    network = schedule.properties["Target"]["EcsParameters"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    subnets = {Reference(subnet.logical_id) for subnet in stack.of_type("AWS::EC2::Subnet")}

    assert set(network["Subnets"]) == subnets
    assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_a_run_is_named_by_when_it_was_due_in_every_attempt(schedule: Resource) -> None:
    [override] = json.loads(schedule.properties["Target"]["Input"])["containerOverrides"]

    assert override["environment"] == [{"name": "RUN_ID", "value": "<aws.scheduler.scheduled-time>"}]


def test_a_start_that_fails_is_tried_again_and_kept(
    schedule: Resource, letters: Reference, answers: dict[str, Any]
) -> None:
    target = schedule.properties["Target"]
    until_next_seconds = max(60, (answers["schedule_interval_s"] or 3_600) // 60 * 60)
    age_seconds = target["RetryPolicy"]["MaximumEventAgeInSeconds"]

    assert target.get("DeadLetterConfig", {}).get("Arn") == letters, "Scheduler drops what it cannot start"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert min(until_next_seconds, 3_600) <= age_seconds <= LONGEST_AGE_SECONDS, "a short outage must not lose a run"


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
