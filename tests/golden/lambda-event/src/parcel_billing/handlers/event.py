"""An event in, domain, done.

EventBridge may deliver an event twice, and Lambda tries one that failed twice more: `bill` does its work once for
each event. What is created here at import is created once per execution environment; nothing else happens.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from botocore.config import Config

from parcel_billing import domain
from parcel_billing.event import Event, ParcelPosted, Reason, RejectedError
from parcel_billing.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SERVICE = "parcel-billing"

settings = Settings.from_environment(os.environ)
logger = Logger(service=SERVICE, environment=settings.environment)
metrics = Metrics(namespace=SERVICE, service=SERVICE)
metrics.set_default_dimensions(environment=settings.environment)

# The runtime brings boto3. One client, made here once, with a patience that ends before the function does.
_patience = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
records = DynamoDBPersistenceLayer(
    table_name=settings.idempotency_table,
    boto3_client=boto3.client("dynamodb", config=_patience),
)
once = IdempotencyConfig(expires_after_seconds=settings.idempotency_seconds)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: object, context: LambdaContext) -> object:
    """Do what one event asks for, once; what fails is raised, because whoever called does not wait for an answer."""
    once.register_lambda_context(context)
    outcome = "Failed"
    try:
        answer = _work(event)
        outcome = "Done"
    except IdempotencyAlreadyInProgressError:
        # It was delivered twice, and the first delivery is at work: if that fails, it is tried again itself.
        logger.info("already at work")
        answer, outcome = None, "Skipped"
    except RejectedError as rejection:
        logger.warning("rejected", reason=rejection.reason, detail=str(rejection))
        outcome = "Rejected"
        raise
    except Exception:
        logger.exception("failed")
        raise
    finally:
        metrics.add_metric(name=outcome, unit=MetricUnit.Count, value=1)
    return answer


def _work(event: object) -> object:
    posted = Event.read(event)
    logger.set_correlation_id(posted.id)
    return bill(event_id=posted.id, parcel=posted.detail)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools says Any
    data_keyword_argument="event_id", persistence_store=records, config=once
)
def bill(*, event_id: str, parcel: ParcelPosted) -> dict[str, object]:
    """Bill a parcel, once for each event, and return what it costs.

    Raises:
        RejectedError: The parcel is not carried.
    """
    try:
        quote = domain.quote(parcel.zone, parcel.weight_grams)
    except domain.NotCarriedError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("billed", event_id=event_id, parcel_id=parcel.parcel_id, price_cents=quote.price_cents)
    return {"parcel_id": parcel.parcel_id, "price_cents": quote.price_cents}
