"""What fails is kept, and somebody is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference
from infra.event_pattern import matches

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

LONGEST_RETENTION_SECONDS = 14 * 86_400


@pytest.fixture
def letters(stack: Stack) -> Resource:
    """The dead-letter queue."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return letters


@pytest.fixture
def rule(stack: Stack, letters: Resource) -> Resource:
    """What keeps failures."""
    kept = Reference(letters.logical_id, "Arn")
    ended = [one for one in stack.of_type("AWS::Events::Rule") if "aws.ecs" in one.properties["EventPattern"]["source"]]
    [rule] = [one for one in ended if one.properties["Targets"][0]["Arn"] == kept]
    return rule


def event(**detail: object) -> dict[str, Any]:
    """A task of the cluster that has ended, as ECS tells it."""
    return {"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED", **detail}}


FAILURES = {
    "an exit code": {"stopCode": "EssentialContainerExited", "containers": [{"exitCode": 1}]},
    "no image": {"stopCode": "TaskFailedToStart", "containers": [{}]},
    "stopped by a person": {"stopCode": "UserInitiated", "containers": [{"exitCode": 143}]},
    "stopped by AWS": {"stopCode": "TerminationNotice", "containers": [{"exitCode": 143}]},
}


@pytest.mark.parametrize("detail", FAILURES.values(), ids=FAILURES.keys())
@pytest.mark.parametrize("started_by", [{}, {"startedBy": "somebody"}])
def test_a_task_that_failed_is_kept(rule: Resource, detail: dict[str, Any], started_by: dict[str, str]) -> None:
    [cluster] = rule.properties["EventPattern"]["detail"]["clusterArn"]
    failed = event(clusterArn=cluster, capacityProviderName="FARGATE", **detail, **started_by)

    assert matches(rule.properties["EventPattern"], failed)


def test_a_task_that_is_done_or_still_runs_is_not_kept(rule: Resource) -> None:
    [cluster] = rule.properties["EventPattern"]["detail"]["clusterArn"]
    done = event(clusterArn=cluster, stopCode="EssentialContainerExited", containers=[{"exitCode": 0}])
    running = event(clusterArn=cluster, containers=[{}]) | {"detail": {"clusterArn": cluster, "lastStatus": "RUNNING"}}
    elsewhere = event(clusterArn="another", stopCode="TaskFailedToStart", containers=[{}])

    assert [matches(rule.properties["EventPattern"], one) for one in (done, running, elsewhere)] == [False] * 3


def test_only_rules_of_this_stack_send_to_the_queue(stack: Stack, letters: Resource) -> None:
    [policy] = stack.of_type("AWS::SQS::QueuePolicy")
    senders = [
        statement["Condition"]["ArnEquals"]["aws:SourceArn"]
        for statement in policy.properties["PolicyDocument"]["Statement"]
    ]

    rules = [Reference(rule.logical_id, "Arn") for rule in stack.of_type("AWS::Events::Rule")]

    assert policy.properties["Queues"] == [Reference(letters.logical_id)]
    assert sorted(senders, key=str) == sorted(rules, key=str)


def test_the_queue_is_encrypted_without_a_key_that_bills_and_keeps_as_long_as_it_can(letters: Resource) -> None:
    assert letters.properties.get("SqsManagedSseEnabled") is True
    assert letters.properties.get("MessageRetentionPeriod") == LONGEST_RETENTION_SECONDS


def test_somebody_is_told_of_the_first_one(stack: Stack, letters: Resource) -> None:
    [alarm] = stack.of_type("AWS::CloudWatch::Alarm")

    assert alarm.properties["Threshold"] == 1
    assert alarm.properties["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert [entry["Value"] for entry in alarm.properties["Dimensions"]] == [
        Reference(letters.logical_id, "QueueName"),
    ]
