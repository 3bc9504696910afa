"""One run at a time: a lock in DynamoDB that ends by itself when its holder did not."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING
{% if aws_client == "lean" %}

from {{ package_name }}.aws import ConditionalCheckFailedError
{% endif %}

if TYPE_CHECKING:
    from collections.abc import Iterator

{% if aws_client == "lean" %}
    from {{ package_name }}.aws import DynamoDB
{% else %}
    from types_boto3_dynamodb import DynamoDBClient
{% endif %}

__all__ = ["Lock"]

# One item beside the idempotency records, whose ids are longer.
_KEY = {"id": {"S": "lock"}}


class Lock:
    """The lock of a service.

    It ends with its holder's time-out, so a run that was killed holds up no other for longer. Who failed and is tried
    again finds it still its own.
    """

    def __init__(self, client: {{ {"boto3": "DynamoDBClient", "lean": "DynamoDB"}[aws_client] }}, table: str) -> None:
        self._client = client
        self._table = table

    @contextlib.contextmanager
    def hold(self, holder: str, seconds: int) -> Iterator[bool]:
        """Hold the lock while the block runs, for so many seconds at most; `False` while another holds it."""
        if not self._take(holder, int(time.time()), seconds):
            yield False
            return
        try:
            yield True
        finally:
            self._release(holder)

    def _take(self, holder: str, now: int, seconds: int) -> bool:
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**_KEY, "holder": {"S": holder}, "expiration": {"N": str(now + seconds)}},
                # DynamoDB deletes an item hours after its time to live, so its end is compared here.
                ConditionExpression="attribute_not_exists(id) OR expiration < :now OR holder = :holder",
                ExpressionAttributeValues={":now": {"N": str(now)}, ":holder": {"S": holder}},
            )
        except {{ {"boto3": "self._client.exceptions.ConditionalCheckFailedException", "lean": "ConditionalCheckFailedError"}[aws_client] }}:
            return False
        return True

    def _release(self, holder: str) -> None:
        # Whose lock had ended may find that of another, which is not its to release.
        with contextlib.suppress({{ {"boto3": "self._client.exceptions.ConditionalCheckFailedException", "lean": "ConditionalCheckFailedError"}[aws_client] }}):
            self._client.delete_item(
                TableName=self._table,
                Key=_KEY,
                ConditionExpression="holder = :holder",
                ExpressionAttributeValues={":holder": {"S": holder}},
            )
