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
    [rule] = [one for one in stack.of_type("AWS::Events::Rule") if one.properties["Targets"][0]["Arn"] == kept]
    return rule


def event(**detail: object) -> dict[str, Any]:
    """A job whose state has changed, as Batch tells it."""
    return {"source": "aws.batch", "detail-type": "Batch Job State Change", "detail": detail}


def test_a_job_that_failed_for_good_is_kept(rule: Resource) -> None:
    [queue] = rule.properties["EventPattern"]["detail"]["jobQueue"]

    assert matches(rule.properties["EventPattern"], event(jobQueue=queue, status="FAILED"))


def test_a_job_that_waits_works_or_is_done_is_not_kept(rule: Resource) -> None:
    [queue] = rule.properties["EventPattern"]["detail"]["jobQueue"]
    others = [event(jobQueue=queue, status=status) for status in ("RUNNABLE", "RUNNING", "SUCCEEDED")]
    elsewhere = event(jobQueue="another", status="FAILED")

    assert [matches(rule.properties["EventPattern"], one) for one in (*others, elsewhere)] == [False] * 4


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
