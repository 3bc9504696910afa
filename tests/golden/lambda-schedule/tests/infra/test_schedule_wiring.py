"""The clock starts this one function, and nothing that it starts is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from infra.cloudformation import Reference

from tariff_publisher.event import Start

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

# What SQS keeps, and what Lambda tries, at most.
LONGEST_RETENTION_SECONDS = 14 * 86_400
LONGEST_AGE_SECONDS = 6 * 3_600


@pytest.fixture
def letters(stack: Stack) -> Resource:
    """Where what failed for good is kept."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return letters


@pytest.fixture
def schedule(stack: Stack) -> Resource:
    """What starts the function."""
    [schedule] = stack.of_type("AWS::Scheduler::Schedule")
    return schedule


def test_two_stacks_of_one_account_have_two_schedules(stack: Stack, schedule: Resource) -> None:
    [function] = stack.of_type("AWS::Lambda::Function")
    stack_name = function.properties["FunctionName"].removesuffix("-schedule")

    assert schedule.properties.get("Name") == stack_name, "every stack would name it alike: set Name to the stack's"


def test_the_schedule_says_in_which_time_zone_it_runs(schedule: Resource) -> None:
    assert schedule.properties.get("ScheduleExpressionTimezone"), "set ScheduleExpressionTimezone"
    assert schedule.properties["FlexibleTimeWindow"]["Mode"] in {"OFF", "FLEXIBLE"}


def test_a_start_says_when_it_was_due_as_the_handler_reads_it(schedule: Resource) -> None:
    given = json.loads(schedule.properties["Target"].get("Input", "{}"))

    assert given.get("due") == "<aws.scheduler.scheduled-time>", "a repeated start must name the same run"
    assert msgspec.convert({**given, "due": "2026-11-23T09:00:00Z"}, Start).version == 1


def test_a_start_that_cannot_be_delivered_is_tried_again_and_kept(schedule: Resource, letters: Resource) -> None:
    target = schedule.properties["Target"]

    kept = target.get("DeadLetterConfig", {}).get("Arn")
    assert kept == Reference(letters.logical_id, "Arn"), "Scheduler drops what it cannot deliver"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= LONGEST_AGE_SECONDS


def test_the_schedule_may_start_this_function_and_nothing_else(
    stack: Stack,
    schedule: Resource,
    letters: Resource,
) -> None:
    [function] = stack.of_type("AWS::Lambda::Function")
    role = stack.resources[schedule.properties["Target"]["RoleArn"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]

    allowed = [(one["Action"], one["Resource"]) for one in statements]

    assert allowed == [
        ("lambda:InvokeFunction", Reference(function.logical_id, "Arn")),
        ("sqs:SendMessage", Reference(letters.logical_id, "Arn")),
    ]


def test_only_schedules_of_this_account_take_the_schedules_role(stack: Stack, schedule: Resource) -> None:
    role = stack.resources[schedule.properties["Target"]["RoleArn"].logical_id]
    [statement] = role.properties["AssumeRolePolicyDocument"]["Statement"]
    condition: dict[str, Any] = statement.get("Condition", {}).get("StringEquals", {})

    assert condition.get("aws:SourceAccount") == "123456789012", "another account's schedule could use it"
    assert str(condition.get("aws:SourceArn")).startswith("arn:aws:scheduler:")


def test_what_fails_for_good_is_kept(stack: Stack, letters: Resource) -> None:
    [retries] = stack.of_type("AWS::Lambda::EventInvokeConfig")
    target = retries.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")

    kept = Reference(letters.logical_id, "Arn")
    assert target == kept, "Lambda drops a call that failed three times: set DestinationConfig.OnFailure"
    assert letters.properties.get("MessageRetentionPeriod", 0) == LONGEST_RETENTION_SECONDS


def test_a_failed_call_is_tried_again_and_not_for_ever(stack: Stack) -> None:
    [retries] = stack.of_type("AWS::Lambda::EventInvokeConfig")

    assert retries.properties["MaximumRetryAttempts"] in {1, 2}
    assert retries.properties["MaximumEventAgeInSeconds"] <= LONGEST_AGE_SECONDS


def test_the_role_may_keep_what_failed(stack: Stack, letters: Resource) -> None:
    [function] = stack.of_type("AWS::Lambda::Function")
    role = stack.resources[function.properties["Role"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]

    allowed = [one["Resource"] for one in statements if one["Action"] == "sqs:SendMessage"]

    kept = Reference(letters.logical_id, "Arn")
    assert allowed == [kept], "Lambda sends dead letters with the function's role: allow sqs:SendMessage"


def test_the_dead_letter_queue_is_encrypted_without_a_key_that_bills(letters: Resource) -> None:
    assert letters.properties.get("SqsManagedSseEnabled") is True


def test_somebody_is_told_of_dead_letters(stack: Stack, letters: Resource) -> None:
    queue = {"Name": "QueueName", "Value": Reference(letters.logical_id, "QueueName")}
    alarms = stack.of_type("AWS::CloudWatch::Alarm")

    thresholds = [alarm.properties["Threshold"] for alarm in alarms if queue in alarm.properties.get("Dimensions", [])]

    assert thresholds == [1], "one alarm on the dead-letter queue that one message sets off"


def test_records_of_idempotency_end(stack: Stack) -> None:
    endless = [
        table.logical_id
        for table in stack.of_type("AWS::DynamoDB::Table")
        if table.properties.get("TimeToLiveSpecification", {}).get("Enabled") is not True
    ]

    assert not endless, f"{endless} would grow, and bill, for ever: set TimeToLiveSpecification"
