"""How far the service has come in its feed, in DynamoDB: a task that starts goes on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

__all__ = ["Positions"]

FEED = "forecasts"


class Positions:
    """The number up to which everything in the feed is settled."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self) -> int | None:
        """Return the number; None before the first message."""
        found = self._client.get_item(TableName=self._table, Key={"feed": {"S": FEED}}, ConsistentRead=True)
        return int(found["Item"]["reached"]["N"]) if "Item" in found else None

    def write(self, reached: int) -> None:
        """Keep a number, unless another task is further."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={"feed": {"S": FEED}, "reached": {"N": str(reached)}},
                ConditionExpression="attribute_not_exists(feed) OR reached < :reached",
                ExpressionAttributeValues={":reached": {"N": str(reached)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
