"""What was ordered and what came of it, in DynamoDB: a forecast is made once, however many tasks hear of it.

A task claims a forecast before it makes it, and keeps the claim up while it works. The claim of a task that was killed
ends by itself; then another task that has heard of it makes the forecast. Each claim counts as a try.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from {{ package_name }}.message import Reason, RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef

    from {{ package_name }}.domain import Tally
    from {{ package_name }}.message import ForecastOrdered

__all__ = ["Claim", "LostClaimError", "Results", "Whose"]


class Whose(StrEnum):
    """Whose a forecast is."""

    OURS = "ours"
    OTHERS = "others"
    NOBODYS = "nobody's: it is made, or given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What came of claiming a forecast.

    Attributes:
        tries: How often it was claimed.
        until: When the claim ends that somebody else has, in seconds since 1970.
    """

    whose: Whose
    tries: int
    until: int = 0


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
        """Claim a forecast for whoever has the token, unless it is settled or somebody else makes it.

        Raises:
            RejectedError: The same id was given to another order before.
        """
        now = int(time.time())
        try:
            made = self._client.update_item(
                TableName=self._table,
                Key={"forecast_id": {"S": order.forecast_id}},
                UpdateExpression="SET seed = :seed, parcels = :parcels, claimed_by = :token, claimed_until = :until,"
                " expires_at = :expires ADD tries :one REMOVE revenue_cents, given_up",
                # Time to live takes days to delete what is over; until then it counts as if it were gone.
                ConditionExpression="attribute_not_exists(forecast_id) OR expires_at < :now"
                " OR (claimed_until < :now AND seed = :seed AND parcels = :parcels)",
                ExpressionAttributeValues={
                    ":expires": {"N": str(now + self._kept_seconds)},
                    ":now": {"N": str(now)},
                    ":one": {"N": "1"},
                    ":parcels": {"N": str(order.parcels)},
                    ":seed": {"N": str(order.seed)},
                    ":token": {"S": token},
                    ":until": {"N": str(now + self._claim_seconds)},
                },
                ReturnValues="UPDATED_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item = error.response["Item"]  # type: ignore[typeddict-item]  # it is asked for above
            if not _is_order(item, order):
                detail = f"forecast {order.forecast_id} was ordered with another seed or number of parcels"
                raise RejectedError(Reason.OTHER_ORDER, detail) from error
            return _claim_of_others(item)
        return Claim(whose=Whose.OURS, tries=int(made["Attributes"]["tries"]["N"]))

    def look(self, orders: Iterable[ForecastOrdered]) -> dict[str, Claim]:
        """Return whose some forecasts are, by id and without claiming any; at most a hundred at a time.

        What nobody has claimed is left out, and so is what has to be looked at more closely.
        """
        ordered = {order.forecast_id: order for order in orders}
        answer = self._client.batch_get_item(
            RequestItems={self._table: {"Keys": [{"forecast_id": {"S": name}} for name in ordered]}}
        )
        items = {item["forecast_id"]["S"]: item for item in answer["Responses"].get(self._table, [])}
        now = time.time()
        return {
            name: _claim_of_others(item)
            for name, item in items.items()
            if int(item["expires_at"]["N"]) >= now and _is_order(item, ordered[name])
        }

    def keep_up(self, forecast_id: str, token: str) -> None:
        """Keep a claim for as long again, from now on.

        Raises:
            LostClaimError: It ended, and is somebody else's.
        """
        self._claim_until(forecast_id, token, int(time.time()) + self._claim_seconds)

    def try_later(self, forecast_id: str, token: str, *, after_seconds: int) -> None:
        """Let whoever asks after some time have the forecast; nothing when it is not ours any more."""
        try:
            # Claimed until a second that is over is not claimed.
            self._claim_until(forecast_id, token, int(time.time()) + after_seconds - 1)
        except LostClaimError:
            return

    def finish(self, forecast_id: str, token: str, tally: Tally) -> None:
        """Keep what came of a forecast, and with that end the claim.

        Raises:
            LostClaimError: It ended, and is somebody else's.
        """
        change = "SET revenue_cents = :revenue, expires_at = :expires REMOVE claimed_by, claimed_until"
        self._update(forecast_id, token, change, {":revenue": {"N": str(tally.revenue_cents)}, **self._expiry()})

    def give_up(self, forecast_id: str, token: str) -> None:
        """Keep that a forecast cannot be made.

        Raises:
            LostClaimError: The claim ended, and is somebody else's.
        """
        change = "SET given_up = :true, expires_at = :expires REMOVE claimed_by, claimed_until"
        self._update(forecast_id, token, change, {":true": {"BOOL": True}, **self._expiry()})

    def _expiry(self) -> dict[str, UniversalAttributeValueTypeDef]:
        return {":expires": {"N": str(int(time.time()) + self._kept_seconds)}}

    def _claim_until(self, forecast_id: str, token: str, until: int) -> None:
        self._update(forecast_id, token, "SET claimed_until = :until", {":until": {"N": str(until)}})

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


def _is_order(item: Mapping[str, AttributeValueTypeDef], order: ForecastOrdered) -> bool:
    return (int(item["seed"]["N"]), int(item["parcels"]["N"])) == (order.seed, order.parcels)


def _claim_of_others(item: Mapping[str, AttributeValueTypeDef]) -> Claim:
    is_settled = "revenue_cents" in item or "given_up" in item
    return Claim(
        whose=Whose.NOBODYS if is_settled else Whose.OTHERS,
        tries=int(item["tries"]["N"]),
        until=int(item["claimed_until"]["N"]) if "claimed_until" in item else 0,
    )
