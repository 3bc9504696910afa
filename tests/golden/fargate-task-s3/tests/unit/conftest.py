"""S3 inside this process with the bucket that infra/checkpoints.py makes, and a task that can be killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from environment import VARIABLES
from moto import mock_aws
from unit.kills import KilledError

from tariff_forecast.checkpoints import Checkpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from types_boto3_s3 import S3Client


@pytest.fixture(scope="session")
def client() -> Iterator[S3Client]:
    """A client of an S3 with nothing in it."""
    with mock_aws():
        yield boto3.client("s3")


@pytest.fixture(autouse=True)
def _bucket(client: S3Client) -> Iterator[None]:
    """The bucket, empty when a test begins."""
    client.create_bucket(Bucket=VARIABLES["CHECKPOINTS"])
    yield
    for kept in client.list_objects_v2(Bucket=VARIABLES["CHECKPOINTS"]).get("Contents", []):
        client.delete_object(Bucket=VARIABLES["CHECKPOINTS"], Key=kept["Key"])
    client.delete_bucket(Bucket=VARIABLES["CHECKPOINTS"])


@pytest.fixture
def checkpoints(client: S3Client) -> Checkpoints:
    """The checkpoints, as a task that starts sees them."""
    return Checkpoints(client, VARIABLES["CHECKPOINTS"])


@pytest.fixture
def another_task(client: S3Client) -> Checkpoints:
    """The checkpoints, as a second task of the same run sees them."""
    return Checkpoints(client, VARIABLES["CHECKPOINTS"])


@pytest.fixture
def kill_at(client: S3Client) -> Iterator[Callable[[int], None]]:
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
