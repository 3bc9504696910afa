"""The queue hands its messages over, hides them long enough, and gives up on none without keeping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

QUEUES = "AWS::SQS::Queue"
MAPPINGS = "AWS::Lambda::EventSourceMapping"
# What AWS asks for: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
HIDDEN_TIMES_THE_TIMEOUT = 6
FEWEST_RECEIVES = 5
WITHOUT_A_WINDOW = 10


@pytest.fixture
def mapping(stack: Stack) -> Resource:
    """What takes messages off the queue for the function."""
    [mapping] = stack.of_type(MAPPINGS)
    return mapping


@pytest.fixture
def source(stack: Stack, mapping: Resource) -> Resource:
    """The queue that the function works off."""
    return stack.resources[mapping.properties["EventSourceArn"].logical_id]


{% include "templates/_partials/queues/letters_fixture.py" %}


@pytest.fixture
def function(stack: Stack, mapping: Resource) -> Resource:
    """The function that works it off."""
    return stack.resources[mapping.properties["FunctionName"].logical_id]


def test_a_message_in_hand_is_not_handed_out_again(source: Resource, function: Resource) -> None:
    needed = HIDDEN_TIMES_THE_TIMEOUT * function.properties["Timeout"]

    assert source.properties.get("VisibilityTimeout", 30) >= needed, f"hide messages for at least {needed} s"


def test_a_batch_of_the_slowest_messages_ends_in_time(
    mapping: Resource,
    function: Resource,
    record: dict[str, Any],
) -> None:
    needed = mapping.properties["BatchSize"] * record["size"]["timeout_seconds"]

    assert function.properties["Timeout"] >= needed, f"give the batch {needed} s, or make it smaller"


def test_one_bad_message_does_not_bring_back_its_batch(mapping: Resource) -> None:
    answers = mapping.properties.get("FunctionResponseTypes", [])

    assert "ReportBatchItemFailures" in answers, "the handler names what failed; set FunctionResponseTypes"


def test_a_large_batch_has_a_window_to_fill_in(mapping: Resource) -> None:
    window = mapping.properties.get("MaximumBatchingWindowInSeconds", 0)

    assert window >= 1 or mapping.properties["BatchSize"] <= WITHOUT_A_WINDOW, "Lambda refuses it without a window"


def test_what_fails_again_and_again_goes_to_a_dead_letter_queue(source: Resource) -> None:
    redrive = source.properties.get("RedrivePolicy", {})

    assert redrive, "set RedrivePolicy, or a bad message comes back until it expires"
    assert int(redrive["maxReceiveCount"]) >= FEWEST_RECEIVES, "Lambda itself sends messages back under load"


{% include "templates/_partials/queues/test_dead_letters.py" %}


def test_records_of_idempotency_end(stack: Stack) -> None:
    endless = [
        table.logical_id
        for table in stack.of_type("AWS::DynamoDB::Table")
        if table.properties.get("TimeToLiveSpecification", {}).get("Enabled") is not True
    ]

    assert not endless, f"{endless} would grow, and bill, for ever: set TimeToLiveSpecification"
