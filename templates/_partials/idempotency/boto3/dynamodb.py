"""DynamoDB inside this process, and the table that {{ stack_file }} makes; import it before the handler.

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


{% include "templates/_partials/idempotency/records_fixture.py" %}
