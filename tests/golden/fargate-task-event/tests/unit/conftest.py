"""DynamoDB inside this process with the table that infra/checkpoints.py makes, and a task that can be killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from environment import VARIABLES
from moto import mock_aws
from unit.kills import KilledError

from ordered_forecast.checkpoints import Checkpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="session")
def client() -> Iterator[DynamoDBClient]:
    """A client of a DynamoDB with nothing in it."""
    with mock_aws():
        yield boto3.client("dynamodb")


@pytest.fixture(autouse=True)
def _table(client: DynamoDBClient) -> Iterator[None]:
    """The table, empty when a test begins."""
    client.create_table(
        TableName=VARIABLES["CHECKPOINTS"],
        AttributeDefinitions=[{"AttributeName": "run_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "run_id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield
    client.delete_table(TableName=VARIABLES["CHECKPOINTS"])


@pytest.fixture
def checkpoints(client: DynamoDBClient) -> Checkpoints:
    """The checkpoints, as a task that starts sees them."""
    return Checkpoints(client, VARIABLES["CHECKPOINTS"], 3600)


@pytest.fixture
def another_task(client: DynamoDBClient) -> Checkpoints:
    """The checkpoints, as a second task of the same run sees them."""
    return Checkpoints(client, VARIABLES["CHECKPOINTS"], 3600)


@pytest.fixture
def kill_at(client: DynamoDBClient) -> Iterator[Callable[[int], None]]:
    """Kill the task at its n-th moment: before and after each call of AWS is one. None is left once a kill happened."""
    left: list[int] = []

    def moment(**_: object) -> None:
        if left:
            left[0] -= 1
            if left[0] == 0:
                left.clear()
                raise KilledError

    events = client.meta.events
    for name in ("before-call.*", "after-call.*"):
        events.register(name, moment)

    def kill_at(number: int) -> None:
        left[:] = [number]

    yield kill_at
    for name in ("before-call.*", "after-call.*"):
        events.unregister(name, moment)
