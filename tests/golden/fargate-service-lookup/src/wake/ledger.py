"""Keeps the state in an item of DynamoDB, which is changed only by whoever knows what it says."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wake.machine import Phase, State

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

__all__ = ["Entry", "Ledger"]

KEY = {"id": {"S": "service"}}


@dataclass(frozen=True, slots=True)
class Entry:
    """The state, and its number: 0 before anything was written."""

    number: int
    state: State


class Ledger:
    """The state of one service."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self) -> Entry:
        """Return the state as it is now; a service of which nothing is written sleeps."""
        found = self._client.get_item(TableName=self._table, Key=KEY, ConsistentRead=True)
        if "Item" not in found:
            return Entry(0, State())
        values = json.loads(found["Item"]["state"]["S"])
        return Entry(int(found["Item"]["number"]["N"]), State(**{**values, "phase": Phase(values["phase"])}))

    def replace(self, entry: Entry, state: State) -> bool:
        """Write another state, and tell whether that worked: not when somebody else has written since `entry`."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**KEY, "number": {"N": str(entry.number + 1)}, "state": {"S": json.dumps(asdict(state))}},
                ConditionExpression="attribute_not_exists(id) OR #number = :number",
                ExpressionAttributeNames={"#number": "number"},
                ExpressionAttributeValues={":number": {"N": str(entry.number)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
