"""The clock starts this one function, and nothing that it starts is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from infra.cloudformation import Reference

from {{ package_name }}.event import Start

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

{% include "templates/_partials/asynchronous/letters.py" %}

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


{% include "templates/_partials/asynchronous/test_dead_letters.py" %}
