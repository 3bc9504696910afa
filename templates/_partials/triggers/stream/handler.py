"""A batch of changes in, domain, the first change that failed out.

{% filter wordwrap(118) %}A stream is worked off in order: what comes before the change that is named as failed is done, what comes after it waits until it is done too or given up (`{{ {"sam": "Events", "cdk": "_take_changes"}[iac] }}` in {{ stack_file }}). {% if kinesis %}A sender may put a change there twice, and Lambda may hand it out again{% else %}Lambda may hand a change out again{% endif %}: `notify` does its work once for each. What is created here at import is created once per execution environment; nothing else happens at import.{% endfilter %}

"""

from __future__ import annotations

import itertools
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
from {{ package_name }}.event import Batch, Change, Reason, RejectedError, place_of
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
def lambda_handler(event: object, context: LambdaContext) -> dict[str, object]:
    """Work on one batch in order, up to the first change that fails, and name that one."""
    once.register_lambda_context(context)
    try:
        batch = msgspec.convert(event, Batch)
    except (msgspec.ValidationError, UnicodeError) as error:
        # Not from a stream: an invocation by hand or by another service. No name at all: the batch failed as a whole.
        logger.warning("rejected", reason=Reason.WRONG_SHAPE, detail=str(error))
        metrics.add_metric(name="Rejected", unit=MetricUnit.Count, value=1)
        return {"batchItemFailures": [_named("")]}
    done = sum(1 for _ in itertools.takewhile(_is_done, batch.records))
    metrics.add_metric(name="Done", unit=MetricUnit.Count, value=done)
    return {"batchItemFailures": [_named(place_of(record)) for record in batch.records[done : done + 1]]}


def _named(sequence_number: str) -> dict[str, str]:
    return {"itemIdentifier": sequence_number}


def _is_done(record: object) -> bool:
    try:
        change = Change.read(record)
        logger.set_correlation_id(change.event_id)
        notify(event_id=change.event_id, change=change)
    except RejectedError as rejection:
        place = place_of(record)
        logger.warning("rejected", reason=rejection.reason, detail=str(rejection), sequence_number=place)
        metrics.add_metric(name="Rejected", unit=MetricUnit.Count, value=1)
    except Exception:
        logger.exception("failed", sequence_number=place_of(record))
        metrics.add_metric(name="Failed", unit=MetricUnit.Count, value=1)
    else:
        return True
    return False


{% with key = "event_id" %}
{% include "templates/_partials/idempotency/" ~ aws_client ~ "/once.py" %}
{% endwith %}
def notify(*, event_id: str, change: Change) -> str | None:
    """Tell the receiver of a parcel where it is, once for each change, and return what was told.

    Raises:
        RejectedError: The parcel went back.
    """
    try:
        notice = domain.notice_of(change.before, change.after)
    except domain.ImpossibleMoveError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    if notice:
        # Here your service would do what must not happen twice.
        logger.info("told", event_id=event_id, parcel_id=change.parcel_id, notice=notice)
    return notice
