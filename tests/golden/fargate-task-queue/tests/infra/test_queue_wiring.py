"""Each message becomes a job, and none is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack


@pytest.fixture
def pipe(stack: Stack) -> Resource:
    """What makes jobs of messages."""
    [pipe] = stack.of_type("AWS::Pipes::Pipe")
    return pipe


@pytest.fixture
def messages(stack: Stack, pipe: Resource) -> Resource:
    """Where messages wait."""
    return stack.resources[pipe.properties["Source"].logical_id]


@pytest.fixture
def letters(stack: Stack, messages: Resource) -> Resource:
    """The dead-letter queue."""
    [letters] = [queue for queue in stack.of_type("AWS::SQS::Queue") if queue.logical_id != messages.logical_id]
    return letters


def test_a_message_that_cannot_be_a_job_is_tried_again_and_kept(messages: Resource, letters: Resource) -> None:
    assert "RedrivePolicy" in messages.properties, "a message that can be no job comes again until it is forgotten"
    redrive = messages.properties["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == Reference(letters.logical_id, "Arn")
    assert redrive["maxReceiveCount"] >= 3


def test_a_message_is_encrypted_without_a_key_that_bills(messages: Resource) -> None:
    assert messages.properties.get("SqsManagedSseEnabled") is True


def test_each_message_is_a_job_of_its_own_in_the_queue_with_the_ceiling(
    stack: Stack, pipe: Resource, messages: Resource
) -> None:
    [queue], [job] = stack.of_type("AWS::Batch::JobQueue"), stack.of_type("AWS::Batch::JobDefinition")
    target = pipe.properties["TargetParameters"]["BatchJobParameters"]

    assert pipe.properties["Source"] == Reference(messages.logical_id, "Arn")
    assert pipe.properties["SourceParameters"]["SqsQueueParameters"]["BatchSize"] == 1
    assert pipe.properties["Target"] == Reference(queue.logical_id, "JobQueueArn")
    assert target["JobDefinition"] == Reference(job.logical_id)
    assert pipe.properties.get("DesiredState", "RUNNING") == "RUNNING"
    # What Batch tries again is the job definition's to say.
    assert "RetryStrategy" not in target


def test_a_run_is_named_by_its_message_and_told_its_order(pipe: Resource) -> None:
    target: dict[str, Any] = pipe.properties["TargetParameters"]["BatchJobParameters"]
    told = {variable["Name"]: variable["Value"] for variable in target["ContainerOverrides"]["Environment"]}

    assert told == {"RUN_ID": "$.messageId", "SEED": "$.body.seed", "PARCELS": "$.body.parcels"}
    assert target["JobName"] == "$.messageId"


def test_the_pipe_may_take_these_messages_submit_this_job_and_nothing_else(
    stack: Stack, pipe: Resource, messages: Resource
) -> None:
    [queue], [job] = stack.of_type("AWS::Batch::JobQueue"), stack.of_type("AWS::Batch::JobDefinition")
    role = stack.resources[pipe.properties["RoleArn"].logical_id]
    [policy] = role.properties["Policies"]
    take, submit = policy["PolicyDocument"]["Statement"]

    assert sorted(take["Action"]) == ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    assert take["Resource"] == Reference(messages.logical_id, "Arn")
    assert submit["Action"] == "batch:SubmitJob"
    assert submit["Resource"] == [Reference(queue.logical_id, "JobQueueArn"), Reference(job.logical_id)]


def test_only_this_account_takes_the_roles(stack: Stack) -> None:
    conditions = [
        statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        for role in stack.of_type("AWS::IAM::Role")
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]
    ]

    assert set(conditions) == {"123456789012"}
