"""Each object that arrives starts this task once for each of its versions, and none is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference
from infra.event_pattern import matches

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

SOURCE = "aws.s3"
LONGEST_AGE_SECONDS = 86_400
# All that RunTask takes, in characters.
LARGEST_OVERRIDES = 8_192
LARGEST_OBJECT = 50 * 1024**4
VERSION = "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo"


@pytest.fixture
def bucket(stack: Stack) -> Resource:
    """Where objects arrive."""
    [bucket] = [one for one in stack.of_type("AWS::S3::Bucket") if "NotificationConfiguration" in one.properties]
    return bucket


def arrived(bucket: Resource, key: str, size: int = 0) -> dict[str, Any]:
    """The arrival of an object, as S3 tells EventBridge."""
    stored = {"key": key, "size": size, "version-id": VERSION, "sequencer": "00617F08299329D189"}
    detail = {"version": "0", "bucket": {"name": Reference(bucket.logical_id)}, "object": stored}
    return {"source": SOURCE, "detail-type": "Object Created", "detail": detail}


{% include "templates/_partials/fargate-task/infra/start_rule.py" %}


KEYS = {
    "plain": "parcels.jsonl",
    "spaces": " two words/a+b.jsonl ",
    "encoded": "100%25/%2F.jsonl",
    "other letters": "M\u00fcnchen/\u7bb1 \U0001f4e6.jsonl",
    "what patterns use": "*/<key>/{}[]',.jsonl",
}
UNTOLD = {"a quote": 'x"},{"name":"CHECKPOINTS","value":"mine', "a backslash": "a\\b", "at its end": 'a"'}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_an_object_starts_a_run_of_its_version_and_is_not_kept(
    bucket: Resource, start: Resource, refused: Resource, key: str
) -> None:
    event = arrived(bucket, key, 4_000)

    assert matches(start.properties["EventPattern"], event)
    assert not matches(refused.properties["EventPattern"], event)
    assert variables(told(start, event)) == {"RUN_ID": VERSION, "OBJECT_KEY": key, "OBJECT_BYTES": "4000"}


@pytest.mark.parametrize("key", UNTOLD.values(), ids=UNTOLD.keys())
def test_an_object_whose_key_cannot_be_told_starts_nothing_and_is_kept(
    bucket: Resource, start: Resource, refused: Resource, key: str
) -> None:
    assert not matches(start.properties["EventPattern"], arrived(bucket, key)), "it could say what it likes"
    assert matches(refused.properties["EventPattern"], arrived(bucket, key)), "nobody would see it"


def test_objects_of_other_buckets_are_left_alone(bucket: Resource, start: Resource, refused: Resource) -> None:
    event = arrived(bucket, "parcels.jsonl")
    event["detail"]["bucket"]["name"] = "another"

    assert not any(matches(rule.properties["EventPattern"], event) for rule in (start, refused))


def test_the_longest_key_can_be_told(bucket: Resource, start: Resource) -> None:
    # As JSON a character outside the basic plane is twelve letters, and a key may have 256 of them.
    for key in ("k" * 1_024, "\U0001f4e6" * 256):
        told_of = variables(told(start, arrived(bucket, key, LARGEST_OBJECT)))
        assert len(json.dumps(told_of)) + 300 <= LARGEST_OVERRIDES


def test_the_bucket_keeps_versions_and_tells_eventbridge(bucket: Resource) -> None:
    told_by = bucket.properties["NotificationConfiguration"]["EventBridgeConfiguration"]

    assert bucket.properties.get("VersioningConfiguration") == {"Status": "Enabled"}, "a run is of one version"
    assert told_by["EventBridgeEnabled"] is True


def test_what_is_stored_ends(bucket: Resource) -> None:
    rules = bucket.properties["LifecycleConfiguration"]["Rules"]
    ends = {name for rule in rules if rule["Status"] == "Enabled" for name in rule}

    assert {"ExpirationInDays", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"} <= ends


def test_nobody_outside_reads_the_bucket(bucket: Resource) -> None:
    ways = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")

    assert bucket.properties["PublicAccessBlockConfiguration"] == dict.fromkeys(ways, True)


def test_a_task_is_told_the_bucket_and_may_only_read_it(stack: Stack, bucket: Resource) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    told_once = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    role = stack.resources[task.properties["TaskRoleArn"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    of_the_bucket = [one["Action"] for one in statements if bucket.logical_id in str(one["Resource"])]

    assert told_once["OBJECTS"] == Reference(bucket.logical_id)
    assert of_the_bucket == ["s3:GetObjectVersion"]


{% include "templates/_partials/fargate-task/infra/starts.py" %}
