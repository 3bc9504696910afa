"""DynamoDB inside this process, and the table that template.yaml makes; import it before the handler.

The handler makes its client when it is imported, and that client is the one that must find this DynamoDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from environment import VARIABLES
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["UNREACHABLE", "records"]

UNREACHABLE = EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")

_NAME = VARIABLES["IDEMPOTENCY_TABLE"]

mock_aws().start()


@pytest.fixture
def records() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the table holds, item by item; it is empty when a test begins."""
    client = boto3.client("dynamodb")
    client.create_table(
        TableName=_NAME,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield lambda: [dict(item) for item in client.scan(TableName=_NAME)["Items"]]
    client.delete_table(TableName=_NAME)
