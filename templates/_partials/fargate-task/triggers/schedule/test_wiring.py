"""The clock starts this task, and nothing that it starts is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference
{% if decision.task.interruptible %}
from infra.event_pattern import matches
{% endif %}

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


{% include "templates/_partials/fargate-task/infra/starts.py" %}
