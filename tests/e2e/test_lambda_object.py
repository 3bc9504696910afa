"""A worker on objects, rendered, built and deployed unchanged to the local AWS emulator, and given objects.

A pass means deployable and wired, as far as the emulator goes; it does not mean that AWS has accepted it. The
emulator's rule calls the function once and drops what fails, and its events name no version: what hangs on
either is shown by events made here, in asynchronous calls as a rule makes them. Not shown at all: a rule that
cannot reach the function, and the ends of a lifecycle.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from rendering import EXAMPLES

from e2e.deployment import FEW_INFRASTRUCTURES, Deployment, build_service, deployed, run, without_aws
from e2e.state import leftovers, log_lines, outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

PATIENCE_SECONDS = 120
# Where SAM and the CDK put what they deploy.
OF_THE_TOOLS = ("aws-sam-cli-managed-default", "cdk-")
PARCELS = b'{"parcel_id": "a", "weight_grams": 700}\n{"parcel_id": "b", "weight_grams": 1200}\n'


@pytest.fixture(scope="module", params=FEW_INFRASTRUCTURES)
def object_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("object") / "parcel-deliveries"
    build_service(folder, EXAMPLES["object"], request.param)
    return folder


@pytest.fixture(scope="module")
def bucket(object_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(object_service, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        # The emulator speaks plain HTTP, which this policy refuses; the last test here keeps it.
        deployment.account.client("s3").delete_bucket_policy(Bucket=name(deployment))
        yield deployment


@pytest.mark.parametrize("key", ["parcels.jsonl", "two words/a+b & 100%25.jsonl", "München/箱 📦.jsonl"])
def test_object_is_added_up_whatever_its_key(bucket: Deployment, key: str) -> None:
    put(bucket, key, PARCELS)

    assert eventually(lambda: added_up(bucket, key)) == [2]


def test_large_object_is_added_up(bucket: Deployment) -> None:
    put(bucket, "large.jsonl", PARCELS * 250_000)

    assert eventually(lambda: added_up(bucket, "large.jsonl")) == [500_000]


def test_version_that_is_told_of_twice_is_added_up_once(bucket: Deployment) -> None:
    told = event(bucket, "twice.jsonl", put(bucket, "twice.jsonl", PARCELS))
    eventually(lambda: added_up(bucket, "twice.jsonl"))

    for last in ("first.jsonl", "second.jsonl"):
        invoke(bucket, told)
        invoke(bucket, event(bucket, last, put(bucket, last, PARCELS)))
        eventually(lambda last=last: len(added_up(bucket, last)) == 2)

    assert added_up(bucket, "twice.jsonl") == [2, 2], (
        "once by the emulator's event, which names no version, and once"
    )


def test_poison_is_rejected_each_time_and_ends_in_the_dead_letter_queue(bucket: Deployment) -> None:
    version_id = put(bucket, "poison.jsonl", PARCELS + b"no JSON\n")
    assert eventually(lambda: rejections(bucket, "line 3: ")) == ["implausible"]

    invoke(bucket, event(bucket, "poison.jsonl", version_id))

    [letter] = eventually(lambda: letters(bucket, "poison.jsonl"))
    assert letter["requestPayload"]["detail"]["object"]["key"] == "poison.jsonl"
    assert "line 3: " in letter["responsePayload"]["errorMessage"]
    assert rejections(bucket, "line 3: ") == ["implausible"] * 4, (
        "once through the rule, three times as it ought to be"
    )
    assert added_up(bucket, "poison.jsonl") == []


def test_what_is_no_event_ends_in_the_dead_letter_queue(bucket: Deployment) -> None:
    invoke(bucket, {"Records": [{"marker": "not from EventBridge"}]})

    [letter] = eventually(lambda: letters(bucket, "not from EventBridge"))

    assert "missing required field" in letter["responsePayload"]["errorMessage"]


@pytest.mark.parametrize("action", ["s3:GetObject", "dynamodb:PutItem"])
def test_role_that_may_not_adds_nothing_up_and_loses_nothing(bucket: Deployment, action: str) -> None:
    identities, key = bucket.account.client("iam"), f"forbidden {action}"
    role = bucket.function()["Role"].rsplit("/", 1)[-1]
    policy = identities.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    other = [rule for rule in policy["Statement"] if action not in rule["Action"]]

    allow(identities, role, {**policy, "Statement": other})
    try:
        invoke(bucket, event(bucket, key, put(bucket, key, PARCELS)))
        [letter] = eventually(lambda: letters(bucket, key))
    finally:
        allow(identities, role, policy)

    assert "AccessDenied" in letter["responsePayload"]["errorMessage"]
    assert added_up(bucket, key) == []


def test_emulator_neither_names_versions_nor_tries_again(bucket: Deployment) -> None:
    """When this fails, a gap is closed, and the tests above can do without events made here."""
    put(bucket, "gap.jsonl", b"a gap")
    eventually(lambda: rejections(bucket, "gap.jsonl"))
    put(bucket, "versionless.jsonl", PARCELS)
    eventually(lambda: added_up(bucket, "versionless.jsonl"))

    [written] = bucket.account.client("s3").list_object_versions(
        Bucket=name(bucket), Prefix="versionless.jsonl"
    )["Versions"]
    assert [line for line in lines(bucket) if written["VersionId"] in line.get("identity", "")] == []
    assert letters(bucket, "gap.jsonl") == []


def test_function_without_tls_is_refused_and_deleting_a_used_stack_leaves_nothing(
    object_service: Path, tmp_path: Path
) -> None:
    with deployed(object_service, tmp_path / "emulator.log") as deployment:
        invoke(deployment, event(deployment, "last.jsonl", put(deployment, "last.jsonl", PARCELS)))
        [letter] = eventually(lambda: letters(deployment, "last.jsonl"))
        assert "AccessDenied" in letter["responsePayload"]["errorMessage"]
        put(deployment, "last.jsonl", PARCELS)
        deployment.account.client("s3").delete_object(Bucket=name(deployment), Key="last.jsonl")
        assert leftovers(deployment.account) != {}

        empty(deployment)
        deployment.delete()

        assert leftovers(deployment.account) == {}
        assert deployment.account.client("events").list_rules()["Rules"] == []
        buckets = deployment.account.client("s3").list_buckets()["Buckets"]
        own = [found["Name"] for found in buckets if not found["Name"].startswith(OF_THE_TOOLS)]
        assert own == []


def empty(deployment: Deployment) -> None:
    """Empty the bucket, by the command of `make destroy`."""
    program = [str(deployment.service / ".venv/bin/python"), "scripts/empty_bucket.py", deployment.stack]
    run(program, deployment.service, {**without_aws(os.environ), **deployment.account.environment})


def name(deployment: Deployment) -> str:
    return outputs(deployment.account, deployment.stack)["BucketName"]


def put(deployment: Deployment, key: str, body: bytes) -> str:
    """Write an object and return its version."""
    written = deployment.account.client("s3").put_object(Bucket=name(deployment), Key=key, Body=body)
    return str(written["VersionId"])


def event(deployment: Deployment, key: str, version_id: str) -> dict[str, Any]:
    """Return the sample event of the service, about an object that exists."""
    path = deployment.service / "tests/events/object.json"
    sample: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    sample["detail"]["bucket"]["name"] = name(deployment)
    sample["detail"]["object"] |= {"key": key, "version-id": version_id}
    return sample


def invoke(deployment: Deployment, payload: dict[str, Any]) -> None:
    """Call the function as EventBridge does, without waiting for it."""
    functions, function = deployment.account.client("lambda"), deployment.function()["FunctionName"]
    functions.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(payload))


def letters(deployment: Deployment, words: str) -> list[dict[str, Any]]:
    """Return the dead letters whose event contains some words, and leave them where they are."""
    url = outputs(deployment.account, deployment.stack)["DeadLettersUrl"]
    queues = deployment.account.client("sqs")
    found = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    read = [json.loads(message["Body"]) for message in found.get("Messages", [])]
    return [letter for letter in read if words in json.dumps(letter["requestPayload"], ensure_ascii=False)]


def lines(deployment: Deployment) -> list[dict[str, Any]]:
    return [line for line in log_lines(deployment.account, deployment.function()) if "message" in line]


def rejections(deployment: Deployment, words: str) -> list[str]:
    """Return the reasons of rejections whose line contains some words."""
    found = [line for line in lines(deployment) if line["message"] == "rejected"]
    return [line["reason"] for line in found if words in json.dumps(line)]


def added_up(deployment: Deployment, key: str) -> list[int]:
    """Return the parcels of each time that an object was added up."""
    beginning = f"{name(deployment)}/{key}#"
    return [
        line["parcels"]
        for line in lines(deployment)
        if line["message"] == "added up" and line["identity"].startswith(beginning)
    ]


def allow(identities: Any, role: str, policy: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(policy))


def eventually(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is one, or patience ends; return the last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
