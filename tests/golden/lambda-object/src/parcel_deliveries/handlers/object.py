"""An object in, domain, what it adds up to.

What raises here is tried again by Lambda, twice, and then goes to the dead-letter queue with its event and its error.
S3 may tell of an object twice: `add_up` does its work once for each version of each key. What is created here at
import is created once per execution environment; nothing else happens at import.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict
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

from parcel_deliveries import domain
from parcel_deliveries.event import ObjectCreated, Reason, RejectedError
from parcel_deliveries.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from botocore.response import StreamingBody

SERVICE = "parcel-deliveries"

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
s3 = boto3.client("s3", config=_patience)

CHUNK_BYTES = 1024 * 1024


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
    created = ObjectCreated.read(event)
    logger.append_keys(object=created.identity)
    return add_up(identity=created.identity, created=created)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools says Any
    data_keyword_argument="identity", persistence_store=records, config=once
)
def add_up(*, identity: str, created: ObjectCreated) -> dict[str, int]:
    """Add up one delivery, once for each version of its object.

    Raises:
        RejectedError: A line of it is no parcel.
    """
    try:
        with closing(_open(created)) as body:
            delivery = domain.add_up(body.iter_chunks(CHUNK_BYTES), settings.max_line_bytes)
    except domain.BadLineError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("added up", identity=identity, bytes=created.detail.object.size, **asdict(delivery))
    return asdict(delivery)


def _open(created: ObjectCreated) -> StreamingBody:
    stored = created.detail.object
    if stored.version_id is None:
        return s3.get_object(Bucket=created.detail.bucket.name, Key=stored.key)["Body"]
    return s3.get_object(Bucket=created.detail.bucket.name, Key=stored.key, VersionId=stored.version_id)["Body"]
