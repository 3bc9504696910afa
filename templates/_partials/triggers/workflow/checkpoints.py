"""How far each chunk of a run has come, in DynamoDB, so that a step that was killed goes on where it was."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

{% if aws_client == "lean" %}
from {{ package_name }}.aws import ConditionalCheckFailedError
{% endif %}
from {{ package_name }}.domain import Tally

if TYPE_CHECKING:
{% if aws_client == "lean" %}
    from {{ package_name }}.aws import DynamoDB
{% else %}
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

{% endif %}
    from {{ package_name }}.event import Chunk

__all__ = ["Checkpoints", "Progress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The parcels of a chunk below `done_to` are counted, and earn `tally`."""

    done_to: int
    tally: Tally


class Checkpoints:
    """The checkpoints of every run; each is forgotten some time after it was last saved."""

    def __init__(self, client: {{ {"boto3": "DynamoDBClient", "lean": "DynamoDB"}[aws_client] }}, table: str, kept_seconds: int) -> None:
        self._client = client
        self._table = table
        self._kept_seconds = kept_seconds

    def load(self, run: str, chunk: Chunk) -> Progress:
        """Return how far a chunk has come: nowhere, when nothing was saved."""
        found = self._client.get_item(TableName=self._table, Key=_key(run, chunk), ConsistentRead=True)
        if "Item" not in found:
            return Progress(done_to=chunk.start, tally=Tally())
        item = found["Item"]
        parcels, revenue_cents = int(item["parcels"]["N"]), int(item["revenue_cents"]["N"])
        return Progress(done_to=int(item["done_to"]["N"]), tally=Tally(parcels=parcels, revenue_cents=revenue_cents))

    def save(self, run: str, chunk: Chunk, progress: Progress) -> None:
        """Keep how far a chunk has come, position and result in one write.

        A step that was given up may still be running beside the one that took over. Both find the same results, so
        the checkpoint that is farther on stays and nobody needs to know who wrote it.
        """
        expires_at = int(time.time()) + self._kept_seconds
        item{% if aws_client == "boto3" %}: dict[str, AttributeValueTypeDef]{% endif %} = {
            **_key(run, chunk),
            "done_to": {"N": str(progress.done_to)},
            "parcels": {"N": str(progress.tally.parcels)},
            "revenue_cents": {"N": str(progress.tally.revenue_cents)},
            "expires_at": {"N": str(expires_at)},
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(done_to) OR done_to < :done_to",
                ExpressionAttributeValues={":done_to": item["done_to"]},
            )
        except {{ {"boto3": "self._client.exceptions.ConditionalCheckFailedException", "lean": "ConditionalCheckFailedError"}[aws_client] }}:
            return


def _key(run: str, chunk: Chunk) -> dict[str, {{ {"boto3": "AttributeValueTypeDef", "lean": "dict[str, str]"}[aws_client] }}]:
    return {"run_id": {"S": run}, "chunk_start": {"N": str(chunk.start)}}
