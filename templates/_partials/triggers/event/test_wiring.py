"""The rule passes on what the handler reads, and nothing of it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args, get_type_hints

import pytest
from infra.cloudformation import Reference

from {{ package_name }}.event import Event

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

{% include "templates/_partials/asynchronous/letters.py" %}

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


{% include "templates/_partials/asynchronous/test_dead_letters.py" %}
