"""DynamoDB on loopback, and the table that template.yaml makes; import it before the handler.

The handler makes its client when it is imported, and that client is the one that must find this DynamoDB.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from environment import VARIABLES
from moto.server import ThreadedMotoServer

from parcel_surcharges.aws import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["UNREACHABLE", "records"]

UNREACHABLE = UnreachableError("PutItem: dynamodb.us-east-1.amazonaws.com: TimeoutError: timed out")

_NAME = VARIABLES["IDEMPOTENCY_TABLE"]

_server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
_server.start()
_host, _port = _server.get_host_and_port()
os.environ["AWS_ENDPOINT_URL"] = f"http://{_host}:{_port}"


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
