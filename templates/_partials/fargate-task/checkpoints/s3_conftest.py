"""S3 inside this process with the bucket that infra/checkpoints.py makes, and a task that can be killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from environment import VARIABLES
from moto import mock_aws
from unit.kills import KilledError

from {{ package_name }}.checkpoints import Checkpoints{% if event_source == "object" %}, Order{% endif %}

{% if event_source == "object" %}
from {{ package_name }}.objects import Objects
{% endif %}

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


{% if event_source == "object" %}
{% include "templates/_partials/fargate-task/sample/object/stored.py" %}


{% endif %}
{% include "templates/_partials/fargate-task/checkpoints/kills.py" %}
