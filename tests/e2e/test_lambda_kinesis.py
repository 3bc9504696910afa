"""A worker on a Kinesis stream, rendered, built, deployed unchanged to the local AWS emulator, and fed.

A pass means deployable and wired, as far as the emulator goes; it does not mean that AWS has accepted it. As
on the stream of a table, `stream_poller.py` takes the place of the emulator's mapping, which gives no heed to
what is named as failed. Not shown: encryption, which the emulator does not do, resharding, a record too old.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from rendering import EXAMPLES

from e2e import probe
from e2e.deployment import Deployment, build_service, deployed
from e2e.state import leftovers, outputs
from e2e.stream_poller import StreamPoller, number
from e2e.test_lambda_stream import TOLD, eventually, letters, lines, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

JOURNEY = ((None, "registered"), ("registered", "in_transit"), ("in_transit", "delivered"))
# One partition key, hence one shard: what fails there holds up what comes after it.
DEPOT = "depot-7"


@pytest.fixture(scope="module")
def kinesis_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("kinesis") / "parcel-notices"
    answers = folder.with_name("answers.yaml")
    example = EXAMPLES["stream"].read_text(encoding="utf-8")
    answers.write_text(f"{example}stream_source: kinesis\n", encoding="utf-8")
    build_service(folder, answers)
    return folder


@pytest.fixture
def stream(kinesis_service: Path, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(kinesis_service, tmp_path / "emulator.log") as deployment:
        yield deployment


def test_records_are_told_in_order_and_deleting_a_used_stack_leaves_nothing(stream: Deployment) -> None:
    for step, (before, after) in enumerate(JOURNEY):
        put(stream, move(f"e-{step}", "p-1", before, after))

    assert eventually(lambda: told(stream, "p-1") == TOLD)
    assert "streams" in leftovers(stream.account)

    stream.delete()

    assert leftovers(stream.account) == {}


def test_what_a_sender_puts_there_twice_is_told_once(stream: Deployment) -> None:
    poller = StreamPoller.instead_of_the_mapping(stream)
    put(stream, move("e-1", "p-1", None, "registered"))
    put(stream, move("e-1", "p-1", None, "registered"))
    records = poller.records()

    assert (len(records), poller.work_off(records), poller.work_off(records)) == (2, [], [])
    assert told(stream, "p-1") == ["announced"]


def test_poison_holds_up_the_rest_until_it_is_named_in_the_dead_letter_queue(stream: Deployment) -> None:
    poller = StreamPoller.instead_of_the_mapping(stream)
    put(stream, move("e-1", "p-1", None, "registered"))
    put(stream, b"\xff no json")
    put(stream, move("e-2", "p-1", "delivered", "registered"))
    put(stream, move("e-3", "p-1", "registered", "in_transit"))
    records = poller.records()

    assert poller.done_of(records) == 1, "work stops at the first that fails"
    assert told(stream, "p-1") == ["announced"]
    given_up = poller.work_off(records)

    poison = [number(records[1]), number(records[2])]
    assert given_up == poison, "the bytes that are no JSON and the parcel that went back"
    assert [letter["KinesisBatchInfo"]["startSequenceNumber"] for letter in letters(stream)] == poison
    assert told(stream, "p-1") == ["announced", "on_its_way"]
    rejected = [line["reason"] for line in lines(stream) if line["message"] == "rejected"]
    tries = 1 + poller.mapping["MaximumRetryAttempts"]
    assert [rejected.count("not_json"), rejected.count("implausible")] == [tries + 1, tries]


def test_role_reads_its_own_stream_and_no_other(stream: Deployment) -> None:
    streams, functions = (stream.account.client(name) for name in ("kinesis", "lambda"))
    own = StreamPoller.instead_of_the_mapping(stream).mapping["EventSourceArn"]
    streams.create_stream(StreamName="foreign", ShardCount=1)
    foreign = streams.describe_stream(StreamName="foreign")["StreamDescription"]["StreamARN"]

    for arn, outcome in ((own, "allowed"), (foreign, "AccessDeniedException")):
        read = probe.attempt(functions, "kinesis", "describe_stream_summary", StreamARN=arn)
        assert read["outcome"] == outcome, arn
    written = probe.attempt(
        functions, "kinesis", "put_record", StreamARN=own, PartitionKey=DEPOT, Data="no rights"
    )
    assert written["outcome"] == "AccessDeniedException"


def test_role_that_may_not_write_its_records_tells_nothing(stream: Deployment) -> None:
    poller = StreamPoller.instead_of_the_mapping(stream)
    put(stream, move("e-1", "p-1", None, "registered"))
    identities = stream.account.client("iam")
    role = stream.function()["Role"].rsplit("/", 1)[-1]
    policy = identities.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    other = [rule for rule in policy["Statement"] if "dynamodb:PutItem" not in rule["Action"]]

    identities.put_role_policy(
        RoleName=role, PolicyName="function", PolicyDocument=json.dumps({**policy, "Statement": other})
    )

    assert (poller.done_of(poller.records()), told(stream, "p-1")) == (0, [])


def move(event_id: str, parcel_id: str, before: str | None, after: str | None) -> bytes:
    """Return what a sender says of a parcel that moved on."""
    said: dict[str, Any] = {
        "version": 1,
        "event_id": event_id,
        "parcel_id": parcel_id,
        "before": before,
        "after": after,
    }
    return json.dumps(said).encode()


def put(deployment: Deployment, data: bytes) -> None:
    """Put a record on the stream."""
    deployment.account.client("kinesis").put_record(
        StreamName=outputs(deployment.account, deployment.stack)["StreamName"],
        PartitionKey=DEPOT,
        Data=data,
    )
