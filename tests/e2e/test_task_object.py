"""A Fargate task that objects start: real containers on this machine, told what the deployed rule says.

The emulator's events of objects name no version, and it starts no task with a target: an event with a version
is put under another source, a queue beside the target hears what the rule makes of it, and RunTask is called
with that. It sends all of a version where a part is asked for, which is cut on the way to the task.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from e2e.containers import build_image
from e2e.ranges import cutting_ranges
from e2e.rules import Rule
from e2e.tasks import build_tasks, deployed_tasks, eventually, exit_codes, kill_when, variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from e2e.containers import Engine
    from e2e.tasks import TaskDeployment

pytestmark = pytest.mark.e2e

# Nobody but AWS may say something under the name of aws.s3.
SOURCE = "stand-in.s3"
LINE = b'{"parcel_id": "a", "weight_grams": 700}\n'
# Pages of job.py, to be killed between.
PAGES = 2
PAGE_BYTES = 16 * 1024 * 1024
KEY = "two words/München 100%25 箱 📦.jsonl"


@pytest.fixture(scope="module")
def deliveries(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TaskDeployment]:
    """The service that objects start, with an image of its own; its checkpoints are objects too."""
    folder: Path = tmp_path_factory.mktemp("object") / "parcel-deliveries"
    build_tasks(folder, "object", checkpoint="s3")
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with (
        build_image(folder) as image,
        deployed_tasks(folder, log, engine=engine, image=image) as deployment,
    ):
        # The emulator speaks plain HTTP, which these policies refuse; the rendered tests read them.
        for name in ("BucketName", "CheckpointsBucket"):
            deployment.account.client("s3").delete_bucket_policy(Bucket=deployment.outputs[name])
        yield deployment


@pytest.fixture(scope="module")
def storage(deliveries: TaskDeployment) -> Iterator[str]:
    """Where tasks find S3."""
    with cutting_ranges(deliveries.account) as storage:
        yield storage


@pytest.fixture(scope="module")
def rule(deliveries: TaskDeployment) -> Rule:
    """What starts a run for each object."""
    return Rule.of(deliveries)


def test_bucket_tells_the_rule_of_an_object(deliveries: TaskDeployment, rule: Rule) -> None:
    put(deliveries, "plain.jsonl", LINE)

    [override] = rule.heard()["containerOverrides"]

    assert variables(override)["OBJECT_KEY"] == "plain.jsonl"
    assert variables(override)["OBJECT_BYTES"] == str(len(LINE))


def test_object_is_added_up_across_a_kill_and_once(
    deliveries: TaskDeployment, rule: Rule, storage: str, engine: Engine
) -> None:
    lines = PAGES * PAGE_BYTES // len(LINE)
    version = put(deliveries, KEY, LINE * lines)
    rule.heard()
    told = at(storage, say_created(deliveries, rule, KEY, version, lines * len(LINE)))
    first = rule.start(told)
    process = eventually(lambda: engine.process_id(f"com.amazonaws.ecs.task-arn={first}"))

    kill_when(process, lambda: deliveries.checkpoint(version))
    killed = deliveries.stopped(first)
    reached = int(deliveries.checkpoint(version)["parcels"])
    resumed = deliveries.stopped(rule.start(told))
    done = deliveries.checkpoint(version)
    again = deliveries.stopped(rule.start(told))

    assert [exit_codes(task) for task in (killed, resumed, again)] == [[137], [0], [0]]
    assert 0 < reached < lines
    assert (done["parcels"], done["weight_grams"]) == (str(lines), str(700 * lines))
    assert deliveries.checkpoint(version) == done
    assert [line["Items"] for line in deliveries.log_lines() if "_aws" in line] == [lines - reached, 0]
    assert deliveries.running_tasks() == []


def test_object_with_a_bad_line_fails_and_says_where(
    deliveries: TaskDeployment, rule: Rule, storage: str
) -> None:
    body = LINE + b"no parcel\n"
    version = put(deliveries, "bad.jsonl", body)
    rule.heard()

    told = at(storage, say_created(deliveries, rule, "bad.jsonl", version, len(body)))
    task = deliveries.stopped(rule.start(told))

    assert exit_codes(task) == [1]
    [failed] = (line for line in deliveries.log_lines(version) if line["message"] == "failed")
    assert f"the line at byte {len(LINE)}: " in failed["exception"]


def test_object_whose_key_cannot_be_told_is_kept(deliveries: TaskDeployment, rule: Rule) -> None:
    key = 'x"},{"name":"CHECKPOINTS","value":"mine'
    put(deliveries, key, LINE)
    put(deliveries, "marker.jsonl", LINE)

    [letter] = eventually(lambda: deliveries.dead_letters() or None)
    [override] = rule.heard()["containerOverrides"]

    assert letter["detail"]["object"]["key"] == key
    # What came after it is the first that is heard.
    assert variables(override)["OBJECT_KEY"] == "marker.jsonl"


def at(storage: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a task is told, and where it finds S3."""
    [override] = overrides["containerOverrides"]
    environment = [*override["environment"], {"name": "AWS_ENDPOINT_URL_S3", "value": storage}]
    return {"containerOverrides": [{**override, "environment": environment}]}


def put(deliveries: TaskDeployment, key: str, body: bytes) -> str:
    """Put an object, and return its version."""
    bucket = deliveries.outputs["BucketName"]
    stored = deliveries.account.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return str(stored["VersionId"])


def say_created(deliveries: TaskDeployment, rule: Rule, key: str, version: str, size: int) -> dict[str, Any]:
    """Say that an object was created, as S3 does with its version, and return what the rule makes of it."""
    events = deliveries.account.client("events")
    found = events.describe_rule(Name=rule.name)
    pattern = json.loads(found["EventPattern"])
    stored = {"key": key, "size": size, "version-id": version, "sequencer": "00617F08299329D189"}
    detail = {"version": "0", "bucket": {"name": deliveries.outputs["BucketName"]}, "object": stored}
    # The rule hears the stand-in as well as S3, and is otherwise as it was deployed.
    heard = {**pattern, "source": ["aws.s3", SOURCE]}
    events.put_rule(Name=rule.name, EventPattern=json.dumps(heard))
    entry = {"Source": SOURCE, "DetailType": "Object Created", "Detail": json.dumps(detail)}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    return rule.heard()
