"""What was done is remembered in DynamoDB, so that it is done once: Powertools' idempotency without boto3.

Powertools' own cannot be imported without boto3. Names, records and their meaning are the same here, as far as this
service needs them; tests/unit/test_idempotency.py lets both work on one table. So a handler differs in its imports.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, Any, cast

from {{ package_name }}.aws import AwsError, ConditionalCheckFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from {{ package_name }}.aws import DynamoDB

__all__ = [
    "DynamoDBPersistenceLayer",
    "IdempotencyAlreadyInProgressError",
    "IdempotencyConfig",
    "IdempotencyPersistenceLayerError",
    "idempotent_function",
]

# A record may end between two looks at it.
_ATTEMPTS = 3

# Nobody did it; or that is long ago; or whoever began was stopped before the end. DynamoDB deletes a record some time
# after its end, so ends are compared here.
_IS_FREE = (
    "attribute_not_exists(#id) OR #expiration < :now"
    " OR (#status = :in_progress AND attribute_exists(#deadline) AND #deadline < :now_ms)"
)
_NAMES = {"#id": "id", "#expiration": "expiration", "#status": "status", "#deadline": "in_progress_expiration"}


class IdempotencyAlreadyInProgressError(Exception):
    """Another invocation is doing it at this moment."""


class IdempotencyPersistenceLayerError(Exception):
    """The table could not be asked, or could not be told."""


class IdempotencyConfig:
    """How long a result is remembered, and how much time the invocation has."""

    def __init__(self, *, expires_after_seconds: int) -> None:
        self.expires_after_seconds = expires_after_seconds
        self._context: LambdaContext | None = None

    def register_lambda_context(self, context: LambdaContext) -> None:
        """Say which invocation this is; what it began and did not end is free when Lambda has stopped it."""
        self._context = context

    def deadline_ms(self, now: float) -> int:
        """Return when Lambda stops the invocation, in milliseconds since 1970."""
        if self._context is None:
            message = "register_lambda_context was not called, so what is killed would stay in progress"
            raise RuntimeError(message)
        return int(now * 1_000) + self._context.get_remaining_time_in_millis()


class DynamoDBPersistenceLayer:
    """The records, one for each thing that was done or is being done."""

    def __init__(self, *, table_name: str, client: DynamoDB) -> None:
        self.client = client
        self._table = table_name

    def claim(self, key: str, config: IdempotencyConfig) -> dict[str, Any] | None:
        """Write down that it is being done, unless it is or was: then return the record that says so."""
        now = time.time()
        try:
            self.client.put_item(
                TableName=self._table,
                Item={
                    "id": {"S": key},
                    "status": {"S": "INPROGRESS"},
                    "expiration": {"N": str(int(now) + config.expires_after_seconds)},
                    "in_progress_expiration": {"N": str(config.deadline_ms(now))},
                },
                ConditionExpression=_IS_FREE,
                ExpressionAttributeNames=_NAMES,
                ExpressionAttributeValues={
                    ":now": {"N": str(int(now))},
                    ":now_ms": {"N": str(int(now * 1_000))},
                    ":in_progress": {"S": "INPROGRESS"},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionalCheckFailedError as taken:
            return taken.item or {}
        return None

    def complete(self, key: str, result: object, config: IdempotencyConfig) -> None:
        """Write down that it is done, with its result."""
        self.client.update_item(
            TableName=self._table,
            Key={"id": {"S": key}},
            UpdateExpression="SET #data = :data, #expiration = :expiration, #status = :completed",
            ExpressionAttributeNames={"#data": "data", "#expiration": "expiration", "#status": "status"},
            ExpressionAttributeValues={
                ":data": {"S": json.dumps(result, sort_keys=True)},
                ":expiration": {"N": str(int(time.time()) + config.expires_after_seconds)},
                ":completed": {"S": "COMPLETED"},
            },
        )

    def release(self, key: str) -> None:
        """Forget it, because it failed and may be tried again."""
        self.client.delete_item(TableName=self._table, Key={"id": {"S": key}})


def idempotent_function[**P, R](
    *, data_keyword_argument: str, persistence_store: DynamoDBPersistenceLayer, config: IdempotencyConfig
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Do a function's work once for each value of a keyword argument; its result must be JSON.

    Whoever calls again gets the result of the first call, while it is remembered. What raises is not remembered.
    """

    def decorate(work: Callable[P, R]) -> Callable[P, R]:
        name = f"{os.environ['AWS_LAMBDA_FUNCTION_NAME']}.{work.__module__}.{work.__qualname__}"

        @functools.wraps(work)
        def once(*args: P.args, **kwargs: P.kwargs) -> R:
            key = f"{name}#{_hash(kwargs[data_keyword_argument])}"
            stored = _claim(persistence_store, key, config)
            if stored is not None:
                return cast("R", json.loads(stored["data"]["S"]))
            try:
                result = work(*args, **kwargs)
            except Exception:
                _tell(functools.partial(persistence_store.release, key))
                raise
            _tell(functools.partial(persistence_store.complete, key, result, config))
            return result

        return once

    return decorate


def _claim(store: DynamoDBPersistenceLayer, key: str, config: IdempotencyConfig) -> dict[str, Any] | None:
    """Claim the work, or return the record of what was done.

    Raises:
        IdempotencyAlreadyInProgressError: It is being done.
        IdempotencyPersistenceLayerError: The table did not answer.
    """
    for _ in range(_ATTEMPTS):
        try:
            stored = store.claim(key, config)
        except AwsError as error:
            message = f"Failed to save in progress record: {error}"
            raise IdempotencyPersistenceLayerError(message) from error
        if stored is None or _is_done(stored):
            return stored
        if _is_at_work(stored):
            break
    raise IdempotencyAlreadyInProgressError(key)


def _is_done(stored: dict[str, Any]) -> bool:
    return stored.get("status") == {"S": "COMPLETED"} and int(stored["expiration"]["N"]) >= int(time.time())


def _is_at_work(stored: dict[str, Any]) -> bool:
    deadline = stored.get("in_progress_expiration")
    return stored.get("status") == {"S": "INPROGRESS"} and (
        deadline is None or int(deadline["N"]) >= int(time.time() * 1_000)
    )


def _tell(tell: Callable[[], None]) -> None:
    try:
        tell()
    except AwsError as error:
        message = f"Failed to save whether the work was done: {error}"
        raise IdempotencyPersistenceLayerError(message) from error


def _hash(value: object) -> str:
    """Return the digest under which Powertools would keep the record."""
    return hashlib.md5(json.dumps(value, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
