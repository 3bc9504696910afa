"""The bucket tells of its objects, one rule listens, and nothing that fails is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

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


def test_the_bucket_tells_eventbridge_of_its_objects(stack: Stack) -> None:
    told = _bucket(stack).properties.get("NotificationConfiguration", {}).get("EventBridgeConfiguration", {})

    assert told.get("EventBridgeEnabled") is True, "without EventBridgeEnabled no object starts the function"


def test_the_bucket_keeps_versions(stack: Stack) -> None:
    versions = _bucket(stack).properties.get("VersioningConfiguration", {}).get("Status")

    assert versions == "Enabled", "an event names a version; without versions the object may change before it is read"


def test_the_bucket_is_encrypted_and_nobodys_but_the_accounts(stack: Stack) -> None:
    bucket = _bucket(stack).properties
    blocked = bucket.get("PublicAccessBlockConfiguration", {})
    open_ways = [
        way
        for way in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        if blocked.get(way) is not True
    ]

    assert not open_ways, f"the bucket may become public: set {open_ways}"
    assert bucket.get("BucketEncryption"), "say how the bucket is encrypted: BucketEncryption"


def test_the_bucket_refuses_whoever_comes_without_tls(stack: Stack) -> None:
    statements = [
        statement
        for policy in stack.of_type("AWS::S3::BucketPolicy")
        if policy.properties["Bucket"] == Reference(_bucket(stack).logical_id)
        for statement in policy.properties["PolicyDocument"]["Statement"]
    ]

    refusals = [
        statement
        for statement in statements
        if statement["Effect"] == "Deny" and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    ]

    assert refusals, "deny aws:SecureTransport false in the bucket's policy"


def test_nothing_stays_in_the_bucket_for_ever(stack: Stack) -> None:
    rules = [
        rule
        for rule in _bucket(stack).properties.get("LifecycleConfiguration", {}).get("Rules", [])
        if rule["Status"] == "Enabled" and "Prefix" not in rule
    ]

    assert any(rule.get("ExpirationInDays") for rule in rules), "objects stay, and bill, for ever"
    assert any(rule.get("AbortIncompleteMultipartUpload") for rule in rules), "broken uploads stay, and bill, for ever"


def test_a_version_stays_as_long_as_a_dead_letter_that_names_it(stack: Stack) -> None:
    rules = _bucket(stack).properties["LifecycleConfiguration"]["Rules"]
    replaced = [rule["NoncurrentVersionExpiration"] for rule in rules if "NoncurrentVersionExpiration" in rule]
    days = [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule]
    days += [expiration["NoncurrentDays"] for expiration in replaced]

    assert replaced, "replaced versions stay, and bill, for ever: set NoncurrentVersionExpiration"
    assert min(days) * 24 * 3600 > LONGEST_RETENTION_SECONDS, f"{min(days)} days are too few: a dead letter lies for 14"


def test_one_rule_listens_to_new_objects_of_this_bucket(stack: Stack) -> None:
    patterns = [rule.properties["EventPattern"] for rule in stack.of_type("AWS::Events::Rule")]

    assert patterns == [
        {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": [Reference(_bucket(stack).logical_id)]}},
        },
    ], "another pattern lets other buckets or deletions in; a wider one can make the function start itself"


def test_the_rule_hands_what_it_cannot_deliver_to_the_dead_letters(stack: Stack, letters: Resource) -> None:
    [rule] = stack.of_type("AWS::Events::Rule")
    [target] = rule.properties["Targets"]
    may_send = [
        statement
        for policy in stack.of_type("AWS::SQS::QueuePolicy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "events.amazonaws.com"}
        and statement.get("Condition") == {"ArnEquals": {"aws:SourceArn": Reference(rule.logical_id, "Arn")}}
    ]

    kept = target.get("DeadLetterConfig", {}).get("Arn")
    assert kept == Reference(letters.logical_id, "Arn"), "set DeadLetterConfig of the event"
    assert may_send, "the queue's policy must let this rule, and no other, send: aws:SourceArn"


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


def test_what_was_done_is_remembered_as_long_as_it_can_come_again(stack: Stack) -> None:
    [table] = stack.of_type("AWS::DynamoDB::Table")
    [function] = stack.of_type("AWS::Lambda::Function")
    variables: dict[str, Any] = function.properties["Environment"]["Variables"]

    assert variables["IDEMPOTENCY_TABLE"] == Reference(table.logical_id)
    assert int(variables["IDEMPOTENCY_SECONDS"]) >= LONGEST_RETENTION_SECONDS, "a dead letter may come back for 14 days"


def _bucket(stack: Stack) -> Resource:
    [bucket] = stack.of_type("AWS::S3::Bucket")
    return bucket
