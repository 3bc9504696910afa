"""How far each run has come, in DynamoDB, so that a task that was killed is followed by one that goes on from there."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from {{ package_name }}.domain import Tally

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

__all__ = ["Checkpoints", "Order", "OrderChangedError", "Progress"]


{% include sample_folder ~ "/order.py" %}


class Checkpoints:
    """The checkpoints of every run; each is forgotten some time after it was last saved."""

    def __init__(self, client: DynamoDBClient, table: str, kept_seconds: int) -> None:
        self._client = client
        self._table = table
        self._kept_seconds = kept_seconds

    def load(self, order: Order) -> Progress:
        """Return how far a run has come: nowhere, when nothing was saved.

        Raises:
            OrderChangedError: The run was begun with another order.
        """
        key: dict[str, AttributeValueTypeDef] = {"run_id": {"S": order.run_id}}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return Progress()
        if json.loads(item["order"]["S"]) != asdict(order):
            raise OrderChangedError(order)
        totals = {name: int(total["N"]) for name, total in item["tally"]["M"].items()}
        return Progress(done=int(item["done"]["N"]), tally=Tally(**totals))

    def save(self, order: Order, progress: Progress) -> None:
        """Keep how far a run has come, position and result in one write.

        A task that was given up may still be at work beside the one that took over. Both find the same results, so the
        checkpoint that is farther on stays and nobody needs to know who wrote it.
        """
        item: dict[str, AttributeValueTypeDef] = {
            "run_id": {"S": order.run_id},
            "order": {"S": json.dumps(asdict(order))},
            "done": {"N": str(progress.done)},
            "tally": {"M": {name: {"N": str(total)} for name, total in asdict(progress.tally).items()}},
            "expires_at": {"N": str(int(time.time()) + self._kept_seconds)},
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(done) OR done < :done",
                ExpressionAttributeValues={":done": item["done"]},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
