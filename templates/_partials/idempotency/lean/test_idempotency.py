"""What was done is done once, whoever remembers it: this service or Powertools' own idempotency, on one table."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities import idempotency as powertools
from aws_lambda_powertools.utilities.idempotency import exceptions
from environment import VARIABLES
from unit.dynamodb import UNREACHABLE, records

from {{ package_name }} import idempotency
from {{ package_name }}.aws import DynamoDB

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext
    from types_boto3_dynamodb import DynamoDBClient

    type Records = Callable[[], list[dict[str, Any]]]
    type Once = Callable[[Callable[[], object]], object]

__all__ = ["records"]

TABLE = VARIABLES["IDEMPOTENCY_TABLE"]
KEEP_SECONDS = 3600
AT_WORK = (idempotency.IdempotencyAlreadyInProgressError, exceptions.IdempotencyAlreadyInProgressError)
LOST = (idempotency.IdempotencyPersistenceLayerError, exceptions.IdempotencyPersistenceLayerError)


def _by_this_service(context: LambdaContext, client: DynamoDB | None = None) -> Once:
    config = idempotency.IdempotencyConfig(expires_after_seconds=KEEP_SECONDS)
    config.register_lambda_context(context)
    store = idempotency.DynamoDBPersistenceLayer(table_name=TABLE, client=client or DynamoDB(os.environ))
    return _once(idempotency.idempotent_function(data_keyword_argument="key", persistence_store=store, config=config))


def _by_powertools(context: LambdaContext, client: DynamoDBClient | None = None) -> Once:
    config = powertools.IdempotencyConfig(expires_after_seconds=KEEP_SECONDS)
    config.register_lambda_context(context)
    store = powertools.DynamoDBPersistenceLayer(TABLE, boto3_client=client or boto3.client("dynamodb"))
    return _once(powertools.idempotent_function(data_keyword_argument="key", persistence_store=store, config=config))


def _once(decorate: Callable[..., Any]) -> Once:
    def do(*, key: str, work: Callable[[], object]) -> object:  # noqa: ARG001 - the decorator reads it
        return work()

    decorated = decorate(do)
    return lambda work: decorated(key="käse-1", work=work)


LIBRARIES: dict[str, Callable[..., Once]] = {"this service": _by_this_service, "Powertools": _by_powertools}


@pytest.fixture(params=LIBRARIES)
def first(request: pytest.FixtureRequest, context: LambdaContext, records: Records) -> Once:
    """One delivery; the table is empty."""
    assert records() == []
    return LIBRARIES[request.param](context)


@pytest.fixture(params=LIBRARIES)
def second(request: pytest.FixtureRequest, context: LambdaContext) -> Once:
    """Another delivery of the same, maybe to an older or newer version of the service."""
    return LIBRARIES[request.param](context)


@pytest.mark.parametrize("result", [{"cents": 300, "b": ["ä", None]}, 7, "text", None])
def test_what_one_delivery_did_another_knows(first: Once, second: Once, result: object) -> None:
    assert first(lambda: result) == result

    assert second(_never) == result


def test_records_are_the_same(context: LambdaContext, records: Records) -> None:
    kept = []
    for by in LIBRARIES.values():
        by(context)(lambda: {"b": 1, "a": "ä"})
        kept += records()
        boto3.client("dynamodb").delete_item(TableName=TABLE, Key={"id": kept[-1]["id"]})

    ours, theirs = kept
    assert ours.keys() == theirs.keys()
    for name in ("expiration", "in_progress_expiration"):
        assert int(ours.pop(name)["N"]) == pytest.approx(int(theirs.pop(name)["N"]), abs=5_000)
    assert ours == theirs


def test_delivery_that_comes_while_the_first_is_at_work_is_turned_away(first: Once, second: Once) -> None:
    def work() -> str:
        with pytest.raises(AT_WORK):
            second(_never)
        return "done"

    assert first(work) == "done"


def test_attempt_that_failed_is_forgotten(first: Once, second: Once, records: Records) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        first(fail)

    assert records() == []
    assert second(lambda: "done") == "done"


def test_what_was_done_long_ago_is_done_again(first: Once, second: Once, records: Records) -> None:
    first(lambda: "old")
    _change(records, expiration=int(time.time()) - 1)

    assert second(lambda: "new") == "new"
    assert first(_never) == "new"


@pytest.mark.parametrize(("left_ms", "is_free"), [(-1_000, True), (60_000, False)])
def test_attempt_that_was_killed_ends_with_its_time(
    first: Once,
    second: Once,
    records: Records,
    left_ms: int,
    is_free: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    first(lambda: "half")
    _change(records, status="INPROGRESS", in_progress_expiration=int(time.time() * 1_000) + left_ms)

    if is_free:
        assert second(lambda: "whole") == "whole"
    else:
        with pytest.raises(AT_WORK):
            second(_never)


@pytest.mark.parametrize("by", LIBRARIES.values(), ids=LIBRARIES)
@pytest.mark.parametrize("call", ["put_item", "update_item"])
def test_table_that_cannot_be_reached_is_a_failure(
    context: LambdaContext,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    by: Callable[..., Once],
    call: str,
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise UNREACHABLE

    client: Any = DynamoDB(os.environ) if by is _by_this_service else boto3.client("dynamodb")
    monkeypatch.setattr(client, call, unreachable)
    done: list[str] = []

    with pytest.raises(LOST, match="timed out"):
        by(context, client)(lambda: done.append("done"))

    # What was begun and could not be written down stays in progress until its time is over.
    assert [record["status"] for record in records()] == [{"S": "INPROGRESS"}] * len(done)
    assert len(done) == (call == "update_item")


def test_invocation_that_nobody_registered_is_refused(records: Records) -> None:
    config = idempotency.IdempotencyConfig(expires_after_seconds=KEEP_SECONDS)
    store = idempotency.DynamoDBPersistenceLayer(table_name=TABLE, client=DynamoDB(os.environ))
    decorate = idempotency.idempotent_function(data_keyword_argument="key", persistence_store=store, config=config)

    with pytest.raises(RuntimeError, match="register_lambda_context"):
        _once(decorate)(_never)

    assert records() == []


def _never() -> None:
    pytest.fail("it was done a second time")


def _change(records: Records, **attributes: int | str) -> None:
    """Write attributes into the only record, as if time had passed or Lambda had killed the function."""
    [record] = records()
    for name, value in attributes.items():
        record[name] = {"N": str(value)} if isinstance(value, int) else {"S": value}
    boto3.client("dynamodb").put_item(TableName=TABLE, Item=record)
