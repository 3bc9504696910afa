"""DynamoDB inside this process with the table that infra/checkpoints.py makes, and a task that can be killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from environment import VARIABLES
from moto import mock_aws
from unit.kills import KilledError

from delivery_sums.checkpoints import Checkpoints, Order
from delivery_sums.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client


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


@pytest.fixture(scope="session")
def storage(client: DynamoDBClient) -> S3Client:
    """A client of the S3 beside it, where objects arrive."""
    assert client
    return boto3.client("s3")


@pytest.fixture
def objects(storage: S3Client) -> Iterator[Objects]:
    """The bucket where objects arrive, empty when a test begins."""
    bucket = VARIABLES["OBJECTS"]
    storage.create_bucket(Bucket=bucket)
    storage.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield Objects(storage, bucket)
    for version in storage.list_object_versions(Bucket=bucket).get("Versions", []):
        storage.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    storage.delete_bucket(Bucket=bucket)


@pytest.fixture
def put(storage: S3Client, objects: Objects) -> Callable[..., Order]:
    """Put an object, and return the order that it is."""
    assert objects

    def put(body: bytes, key: str = VARIABLES["OBJECT_KEY"]) -> Order:
        stored = storage.put_object(Bucket=VARIABLES["OBJECTS"], Key=key, Body=body)
        return Order(run_id=stored["VersionId"], key=key, size=len(body))

    return put


@pytest.fixture
def kill_at(client: DynamoDBClient, storage: S3Client) -> Iterator[Callable[[int], None]]:
    """Kill the task at its n-th moment: before and after each call of AWS is one. None is left once a kill happened."""
    left: list[int] = []

    def moment(**_: object) -> None:
        if left:
            left[0] -= 1
            if left[0] == 0:
                left.clear()
                raise KilledError

    for name in ("before-call.*", "after-call.*"):
        client.meta.events.register(name, moment)
        storage.meta.events.register(name, moment)

    def kill_at(number: int) -> None:
        left[:] = [number]

    yield kill_at
    for name in ("before-call.*", "after-call.*"):
        client.meta.events.unregister(name, moment)
        storage.meta.events.unregister(name, moment)
