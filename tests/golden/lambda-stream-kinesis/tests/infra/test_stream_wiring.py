"""The stream hands over every change in its order, and gives up on none without saying which."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

READS = {f"kinesis:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListShards")}
STREAM_HOLDS_SECONDS = 24 * 3600
LONGEST_RETENTION_SECONDS = 14 * 24 * 3600
# A new stream on demand takes 4,000 writes a second, on four shards.
SHARDS = 4
HIGHEST_FACTOR = 10
SPIKE = 10


@pytest.fixture
def mapping(stack: Stack) -> Resource:
    """What takes changes off the stream for the function."""
    [mapping] = stack.of_type("AWS::Lambda::EventSourceMapping")
    return mapping


@pytest.fixture
def letters(stack: Stack) -> Resource:
    """Where what is given up is named."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return letters


@pytest.fixture
def function(stack: Stack, mapping: Resource) -> Resource:
    """The function that works them off."""
    return stack.resources[mapping.properties["FunctionName"].logical_id]


@pytest.fixture
def moves(stack: Stack) -> Resource:
    """What the function works off; the CDK puts a hash behind the name."""
    [moves] = [one for one in stack.of_type("AWS::Kinesis::Stream") if one.logical_id.startswith("Moves")]
    return moves


def test_the_stream_starts_the_function(stack: Stack, mapping: Resource) -> None:
    source = mapping.properties["EventSourceArn"]

    assert (stack.resources[source.logical_id].type, source.attribute) == ("AWS::Kinesis::Stream", "Arn")


def test_the_stream_grows_by_itself(moves: Resource) -> None:
    assert moves.properties.get("StreamModeDetails") == {"StreamMode": "ON_DEMAND"}, (
        "shards of a fixed number cap a spike: set StreamModeDetails"
    )


def test_the_stream_keeps_no_longer_than_is_free(moves: Resource) -> None:
    hours = moves.properties.get("RetentionPeriodHours")
    assert hours == STREAM_HOLDS_SECONDS // 3600, f"RetentionPeriodHours is {hours}: more than 24 bills, see README"


def test_the_stream_is_encrypted_without_a_key_that_bills(moves: Resource) -> None:
    assert moves.properties.get("StreamEncryption") == {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}, (
        "encrypt it with AWS's own key: set StreamEncryption"
    )


def test_no_change_is_missed_at_the_start(mapping: Resource) -> None:
    assert mapping.properties["StartingPosition"] == "TRIM_HORIZON", "LATEST misses what comes before it polls"


def test_what_was_done_before_a_failure_is_not_done_again(mapping: Resource) -> None:
    answers = mapping.properties.get("FunctionResponseTypes", [])

    assert "ReportBatchItemFailures" in answers, "the handler names the first that failed; set FunctionResponseTypes"


def test_a_crash_does_not_give_up_the_whole_batch(mapping: Resource) -> None:
    assert mapping.properties.get("BisectBatchOnFunctionError") is True, "set BisectBatchOnFunctionError"


def test_a_change_that_keeps_failing_does_not_hold_up_the_rest_for_ever(mapping: Resource) -> None:
    retries = mapping.properties.get("MaximumRetryAttempts", -1)
    age = mapping.properties.get("MaximumRecordAgeInSeconds", -1)

    assert retries in range(1, 101), f"MaximumRetryAttempts is {retries}: -1 tries for ever, 0 only once"
    assert 0 < age <= STREAM_HOLDS_SECONDS // 2, "leave half a day to read from the stream what a dead letter names"


def test_what_is_given_up_is_named_in_the_dead_letters(letters: Resource, mapping: Resource) -> None:
    target = mapping.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")

    assert target == Reference(letters.logical_id, "Arn"), (
        "a change that is given up is lost: set DestinationConfig.OnFailure"
    )
    assert letters.properties.get("MessageRetentionPeriod") == LONGEST_RETENTION_SECONDS, "keep them as SQS can"
    assert letters.properties.get("SqsManagedSseEnabled") is True


def test_the_role_may_read_this_stream_and_name_what_failed(
    stack: Stack,
    function: Resource,
    letters: Resource,
) -> None:
    role = stack.resources[function.properties["Role"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]

    senders = [one["Resource"] for one in statements if one["Action"] == "sqs:SendMessage"]
    missing = READS - {action for one in statements for action in one["Action"]}

    assert senders == [Reference(letters.logical_id, "Arn")], "the mapping sends dead letters with the function's role"
    assert not missing, f"the mapping reads the stream with the function's role: allow {sorted(missing)}"


def test_somebody_is_told_of_dead_letters_and_of_changes_that_wait(stack: Stack, letters: Resource) -> None:
    queue = {"Name": "QueueName", "Value": Reference(letters.logical_id, "QueueName")}
    alarms = stack.of_type("AWS::CloudWatch::Alarm")

    thresholds = [alarm.properties["Threshold"] for alarm in alarms if queue in alarm.properties.get("Dimensions", [])]

    assert thresholds == [1], "one alarm on the dead-letter queue that one message sets off"
    assert "IteratorAge" in {alarm.properties.get("MetricName") for alarm in alarms}, "watch IteratorAge"


def test_a_batch_of_the_slowest_changes_ends_in_time(
    mapping: Resource,
    function: Resource,
    record: dict[str, Any],
) -> None:
    needed = mapping.properties["BatchSize"] * record["size"]["timeout_seconds"]

    assert function.properties["Timeout"] >= needed, f"give the batch {needed} s, or make it smaller"


def test_the_shards_of_a_new_table_take_a_ten_fold_spike(mapping: Resource, answers: dict[str, Any]) -> None:
    """Unless what the function calls takes less, or the most that a mapping can do is not enough; README names both."""
    at_once = SPIKE * answers["decision"]["peak_concurrency"]
    wanted = min(HIGHEST_FACTOR, math.ceil(at_once / SHARDS))
    bearable = (answers["downstream_concurrency"] or SHARDS * HIGHEST_FACTOR) // SHARDS
    factor = mapping.properties.get("ParallelizationFactor", 1)

    assert factor >= max(1, min(wanted, bearable)), f"ParallelizationFactor is {factor}, too low for ten times the peak"


def test_what_was_done_is_remembered_as_long_as_the_stream_holds_it(stack: Stack, function: Resource) -> None:
    variables = function.properties["Environment"]["Variables"]
    table = stack.resources[variables["IDEMPOTENCY_TABLE"].logical_id]

    assert table.properties.get("TimeToLiveSpecification") == {"AttributeName": "expiration", "Enabled": True}, (
        "records would grow, and bill, for ever: set TimeToLiveSpecification"
    )
    assert int(variables["IDEMPOTENCY_SECONDS"]) > STREAM_HOLDS_SECONDS, "the stream hands a change out for 24 hours"
