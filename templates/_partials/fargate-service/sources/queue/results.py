"""What was ordered and what came of it, in DynamoDB: a forecast is made once, however often its message comes.

A task claims a forecast before it makes it, and keeps the claim up while it works. The claim of a task that was killed
ends by itself; then the next one makes the forecast.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING

from {{ package_name }}.message import Reason, RejectedError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef

    from {{ package_name }}.domain import Tally
    from {{ package_name }}.message import ForecastOrdered

__all__ = ["Claim", "LostClaimError", "Results"]


class Claim(StrEnum):
    """Whose a forecast is."""

    OURS = "ours"
    OTHERS = "others"
    DONE = "done"


class LostClaimError(RuntimeError):
    """Somebody else has claimed the forecast meanwhile, and finishes it."""


class Results:
    """Every forecast that was ordered; each is forgotten some time after it was last touched."""

    def __init__(self, client: DynamoDBClient, table: str, *, kept_seconds: int, claim_seconds: int) -> None:
        self._client = client
        self._table = table
        self._kept_seconds = kept_seconds
        self._claim_seconds = claim_seconds

    def claim(self, order: ForecastOrdered, token: str) -> Claim:
        """Claim a forecast for whoever has the token, unless it is done or somebody else makes it.

        Raises:
            RejectedError: The same id was given to another order before.
        """
        now = int(time.time())
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "forecast_id": {"S": order.forecast_id},
                    "seed": {"N": str(order.seed)},
                    "parcels": {"N": str(order.parcels)},
                    "claimed_by": {"S": token},
                    "claimed_until": {"N": str(now + self._claim_seconds)},
                    "expires_at": {"N": str(now + self._kept_seconds)},
                },
                # Time to live takes days to delete what is over; until then it counts as if it were gone.
                ConditionExpression="attribute_not_exists(forecast_id) OR expires_at < :now"
                " OR (claimed_until < :now AND seed = :seed AND parcels = :parcels)",
                ExpressionAttributeValues={
                    ":now": {"N": str(now)},
                    ":seed": {"N": str(order.seed)},
                    ":parcels": {"N": str(order.parcels)},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self._whose(order)
        return Claim.OURS

    def _whose(self, order: ForecastOrdered) -> Claim:
        key: dict[str, AttributeValueTypeDef] = {"forecast_id": {"S": order.forecast_id}}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            # It was given up this very moment: the next hand-out finds it free.
            return Claim.OTHERS
        if (int(item["seed"]["N"]), int(item["parcels"]["N"])) != (order.seed, order.parcels):
            detail = f"forecast {order.forecast_id} was ordered with another seed or number of parcels"
            raise RejectedError(Reason.OTHER_ORDER, detail)
        return Claim.DONE if "revenue_cents" in item else Claim.OTHERS

    def keep_up(self, forecast_id: str, token: str) -> None:
        """Keep a claim for as long again, from now on.

        Raises:
            LostClaimError: It ended, and is somebody else's.
        """
        until = str(int(time.time()) + self._claim_seconds)
        self._update(forecast_id, token, "SET claimed_until = :until", {":until": {"N": until}})

    def finish(self, forecast_id: str, token: str, tally: Tally) -> None:
        """Keep what came of a forecast, and with that end the claim.

        Raises:
            LostClaimError: It ended, and is somebody else's.
        """
        values: dict[str, UniversalAttributeValueTypeDef] = {
            ":revenue": {"N": str(tally.revenue_cents)},
            ":expires": {"N": str(int(time.time()) + self._kept_seconds)},
        }
        change = "SET revenue_cents = :revenue, expires_at = :expires REMOVE claimed_by, claimed_until"
        self._update(forecast_id, token, change, values)

    def give_up(self, forecast_id: str, token: str) -> None:
        """End a claim, so that somebody else may make the forecast at once; nothing when it is not ours any more."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key={"forecast_id": {"S": forecast_id}},
                ConditionExpression="claimed_by = :token",
                ExpressionAttributeValues={":token": {"S": token}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def _update(
        self, forecast_id: str, token: str, change: str, values: dict[str, UniversalAttributeValueTypeDef]
    ) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"forecast_id": {"S": forecast_id}},
                UpdateExpression=change,
                ConditionExpression="claimed_by = :token",
                ExpressionAttributeValues={**values, ":token": {"S": token}},
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise LostClaimError(forecast_id) from error
