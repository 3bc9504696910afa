"""DynamoDB inside this process with the table that infra/checkpoints.py makes, and a task that can be killed."""

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

    from types_boto3_dynamodb import DynamoDBClient
{% if event_source == "object" %}
    from types_boto3_s3 import S3Client
{% endif %}


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


{% if event_source == "object" %}
{% include "templates/_partials/fargate-task/sample/object/stored.py" %}


{% endif %}
{% include "templates/_partials/fargate-task/checkpoints/kills.py" %}
