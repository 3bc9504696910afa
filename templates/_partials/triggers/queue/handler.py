{% from "templates/_partials/python.jinja" import either with context %}
"""A batch of messages in, domain, the messages that failed out.

Lambda deletes from the queue what is not named as failed, and SQS hands out the rest again, five times in all, before
it goes to the dead-letter queue. SQS may also deliver a message twice: `charge` does its work once for each weighing.
What is created here at import is created once per execution environment; nothing else happens at import.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

{% if aws_client == "boto3" %}
import boto3
{% endif %}
import msgspec
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
{% if aws_client == "boto3" %}
{% include "templates/_partials/idempotency/boto3/imports.py" %}
from botocore.config import Config
{% endif %}

from {{ package_name }} import domain
{% if aws_client == "lean" %}
from {{ package_name }}.aws import DynamoDB
{% endif %}
from {{ package_name }}.event import Batch, Message, ParcelWeighed, Reason, RejectedError
{% if aws_client == "lean" %}
{% include "templates/_partials/idempotency/lean/imports.py" %}
{% endif %}
from {{ package_name }}.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

{% include "templates/_partials/handler_setup.py" %}

{% include "templates/_partials/idempotency/" ~ aws_client ~ "/records.py" %}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Work on one batch and name the messages that failed; one that fails keeps no other from being done."""
    batch = _read_batch(event)
    once.register_lambda_context(context)
    failed = [message.message_id for message in batch.messages if not _is_done(message)]
    metrics.add_metric(name="Done", unit=MetricUnit.Count, value=len(batch.messages) - len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _read_batch(event: dict[str, object]) -> Batch:
    try:
        return msgspec.convert(event, Batch)
    except {{ either("msgspec.ValidationError, UnicodeError") }}:
        # Not from SQS: an invocation by hand or by another service, which is told by the error.
        logger.exception("not an SQS event")
        metrics.add_metric(name="Failed", unit=MetricUnit.Count, value=1)
        raise


def _is_done(message: Message) -> bool:
    logger.set_correlation_id(message.message_id)
    try:
        weighed = message.read()
        charge(weighing_id=weighed.weighing_id, weighed=weighed)
    except RejectedError as rejection:
        logger.warning("rejected", reason=rejection.reason, detail=str(rejection))
        metrics.add_metric(name="Rejected", unit=MetricUnit.Count, value=1)
    except Exception:
        logger.exception("failed")
        metrics.add_metric(name="Failed", unit=MetricUnit.Count, value=1)
    else:
        return True
    return False


{% with key = "weighing_id" %}
{% include "templates/_partials/idempotency/" ~ aws_client ~ "/once.py" %}
{% endwith %}
def charge(*, weighing_id: str, weighed: ParcelWeighed) -> int:
    """Charge a parcel's surcharge, once for each weighing, and return the cents.

    Raises:
        RejectedError: The weight is not one that a parcel has.
    """
    try:
        cents = domain.surcharge_cents(weighed.declared_grams, weighed.weighed_grams)
    except domain.ImplausibleWeightError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("charged", weighing_id=weighing_id, parcel_id=weighed.parcel_id, cents=cents)
    return cents
