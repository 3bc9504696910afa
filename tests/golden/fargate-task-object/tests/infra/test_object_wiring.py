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


@pytest.fixture
def start(stack: Stack) -> Resource:
    """What starts runs."""
    rules = [one for one in stack.of_type("AWS::Events::Rule") if SOURCE in one.properties["EventPattern"]["source"]]
    [start] = [rule for rule in rules if "EcsParameters" in rule.properties["Targets"][0]]
    return start


@pytest.fixture
def refused(stack: Stack, letters: Reference) -> Resource:
    """What keeps events for which no run can be started."""
    rules = [one for one in stack.of_type("AWS::Events::Rule") if SOURCE in one.properties["EventPattern"]["source"]]
    [refused] = [rule for rule in rules if rule.properties["Targets"][0]["Arn"] == letters]
    return refused


@pytest.fixture
def first(start: Resource) -> dict[str, Any]:
    """On what and where a run is started."""
    return dict(start.properties["Targets"][0]["EcsParameters"])


@pytest.fixture
def letters(stack: Stack) -> Reference:
    """The dead-letter queue."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return Reference(letters.logical_id, "Arn")


def told(rule: Resource, event: dict[str, Any]) -> str:
    """Return what the task is told of an event: EventBridge puts values in as they are and escapes nothing."""
    transformer = rule.properties["Targets"][0]["InputTransformer"]
    text = str(transformer["InputTemplate"])
    for name, path in transformer["InputPathsMap"].items():
        value: Any = event
        for step in path.removeprefix("$.").split("."):
            value = value[step]
        text = text.replace(f"<{name}>", str(value))
    return text


def variables(text: str) -> dict[str, str]:
    """Return the variables of what a task is told."""
    [override] = json.loads(text)["containerOverrides"]
    return {variable["name"]: variable["value"] for variable in override["environment"]}


def test_a_run_is_this_task_in_this_cluster_on_the_decided_capacity(
    stack: Stack, start: Resource, first: dict[str, Any], record: dict[str, Any]
) -> None:
    [cluster], [task] = stack.of_type("AWS::ECS::Cluster"), stack.of_type("AWS::ECS::TaskDefinition")
    [target] = start.properties["Targets"]
    [capacity] = first["CapacityProviderStrategy"]

    assert target["Arn"] == Reference(cluster.logical_id, "Arn")
    assert first["TaskDefinitionArn"] == Reference(task.logical_id)
    assert first.get("TaskCount", 1) == 1
    assert capacity["CapacityProvider"] == ("FARGATE_SPOT" if record["task"]["interruptible"] else "FARGATE")


def test_a_task_can_reach_aws(stack: Stack, first: dict[str, Any]) -> None:
    [network] = first["NetworkConfiguration"].values()
    subnets = {Reference(subnet.logical_id) for subnet in stack.of_type("AWS::EC2::Subnet")}

    assert set(network["Subnets"]) == subnets
    assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_a_start_that_fails_is_tried_again_and_kept(start: Resource, letters: Reference) -> None:
    [target] = start.properties["Targets"]

    assert target.get("DeadLetterConfig", {}).get("Arn") == letters, "EventBridge drops what it cannot start"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == LONGEST_AGE_SECONDS


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


def test_whoever_starts_tasks_may_start_this_one_and_nothing_else(stack: Stack, letters: Reference) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    roles = [task.properties["TaskRoleArn"], task.properties["ExecutionRoleArn"]]
    starters = [one for one in stack.of_type("AWS::IAM::Role") if Reference(one.logical_id, "Arn") not in roles]

    for role in starters:
        [policy] = role.properties["Policies"]
        allowed = {one["Action"]: one for one in policy["PolicyDocument"]["Statement"]}
        assert set(allowed) == {"ecs:RunTask", "ecs:TagResource", "iam:PassRole", "sqs:SendMessage"}
        assert allowed["ecs:RunTask"]["Resource"] == Reference(task.logical_id)
        assert "ecs:cluster" in allowed["ecs:RunTask"]["Condition"]["ArnEquals"]
        assert allowed["iam:PassRole"]["Resource"] == roles
        assert allowed["sqs:SendMessage"]["Resource"] == letters


def test_only_this_account_takes_the_starters_roles(stack: Stack) -> None:
    conditions = [
        statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        for role in stack.of_type("AWS::IAM::Role")
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]
    ]

    assert set(conditions) == {"123456789012"}


@pytest.fixture
def restart(stack: Stack) -> Resource:
    """What starts again what Spot took back."""
    ended = [one for one in stack.of_type("AWS::Events::Rule") if "aws.ecs" in one.properties["EventPattern"]["source"]]
    [restart] = [rule for rule in ended if "EcsParameters" in rule.properties["Targets"][0]]
    return restart


@pytest.mark.parametrize("code", ["SpotInterruption", "TaskFailedToStart"])
def test_what_spot_took_back_is_started_again_once_and_is_no_failure(
    code: str, stack: Stack, restart: Resource, letters: Reference
) -> None:
    ended = [one for one in stack.of_type("AWS::Events::Rule") if "aws.ecs" in one.properties["EventPattern"]["source"]]
    [failures] = [rule for rule in ended if rule.properties["Targets"][0]["Arn"] == letters]
    detail = {
        "clusterArn": restart.properties["EventPattern"]["detail"]["clusterArn"][0],
        "lastStatus": "STOPPED",
        "stopCode": code,
        "containers": [{"exitCode": 143}],
    }
    event = {"source": "aws.ecs", "detail-type": "ECS Task State Change"}
    taken_back = {**event, "detail": {**detail, "capacityProviderName": "FARGATE_SPOT"}}
    started_again = {**event, "detail": {**detail, "capacityProviderName": "FARGATE"}}

    assert matches(restart.properties["EventPattern"], taken_back)
    assert not matches(failures.properties["EventPattern"], taken_back)
    assert not matches(restart.properties["EventPattern"], started_again), "it would be started for ever"


def test_what_is_started_again_is_the_same_run_where_nobody_takes_it_back(
    restart: Resource, first: dict[str, Any], letters: Reference
) -> None:
    [target] = restart.properties["Targets"]
    parameters = target["EcsParameters"]
    [network], [first_network] = (one["NetworkConfiguration"].values() for one in (parameters, first))

    assert target["InputTransformer"] == {
        "InputPathsMap": {"overrides": "$.detail.overrides.containerOverrides"},
        "InputTemplate": '{"containerOverrides": <overrides>}',
    }
    assert [item["CapacityProvider"] for item in parameters["CapacityProviderStrategy"]] == ["FARGATE"]
    assert parameters["TaskDefinitionArn"] == first["TaskDefinitionArn"]
    assert network == first_network
    assert target["DeadLetterConfig"]["Arn"] == letters
