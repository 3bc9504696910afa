"""DynamoDB on loopback, and the table that {{ stack_file }} makes; import it before the handler.

The handler makes its client when it is imported, and that client is the one that must find this DynamoDB.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from environment import VARIABLES
from moto.server import ThreadedMotoServer

from {{ package_name }}.aws import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["UNREACHABLE", "records"]

UNREACHABLE = UnreachableError("PutItem: dynamodb.us-east-1.amazonaws.com: TimeoutError: timed out")

_NAME = VARIABLES["IDEMPOTENCY_TABLE"]

_server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
_server.start()
_host, _port = _server.get_host_and_port()
os.environ["AWS_ENDPOINT_URL"] = f"http://{_host}:{_port}"


{% include "templates/_partials/idempotency/records_fixture.py" %}
