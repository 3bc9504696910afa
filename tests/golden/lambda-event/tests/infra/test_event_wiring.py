"""The rule passes on what the handler reads, and nothing of it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args, get_type_hints

import pytest
from infra.cloudformation import Reference

from parcel_billing.event import Event

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
def rule(stack: Stack) -> Resource:
    """What passes events on to the function."""
    [rule] = stack.of_type("AWS::Events::Rule")
    return rule


def test_the_rule_passes_on_the_kinds_of_event_that_the_handler_reads(rule: Resource) -> None:
    kinds = rule.properties["EventPattern"].get("detail-type", [])

    assert kinds == list(get_args(get_type_hints(Event)["detail_type"])), "write each kind in both: rule and Event"


def test_the_rule_names_whose_events_it_takes(rule: Resource) -> None:
    assert rule.properties["EventPattern"].get("source"), "anybody on the bus could send such an event: set source"


def test_an_unknown_version_is_not_passed_over_in_silence(rule: Resource) -> None:
    assert "detail" not in rule.properties["EventPattern"], "the handler rejects it, with a reason and a dead letter"


def test_the_rule_is_on_the_bus_that_senders_are_told(stack: Stack, rule: Resource) -> None:
    told = stack.outputs["EventBusName"]

    assert rule.properties.get("EventBusName") == told, "the rule hears nothing of what is sent to the other bus"


def test_an_event_that_cannot_be_delivered_is_tried_again_and_kept(rule: Resource, letters: Resource) -> None:
    [target] = rule.properties["Targets"]

    kept = target.get("DeadLetterConfig", {}).get("Arn")
    assert kept == Reference(letters.logical_id, "Arn"), "EventBridge drops what it cannot deliver"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0


def test_the_rule_may_keep_what_it_could_not_deliver_and_no_other_rule_may(
    stack: Stack,
    rule: Resource,
    letters: Resource,
) -> None:
    [policy] = stack.of_type("AWS::SQS::QueuePolicy")
    [statement] = policy.properties["PolicyDocument"]["Statement"]

    assert policy.properties["Queues"] == [Reference(letters.logical_id)]
    assert (statement["Principal"], statement["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert statement.get("Condition") == {"ArnEquals": {"aws:SourceArn": Reference(rule.logical_id, "Arn")}}


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
