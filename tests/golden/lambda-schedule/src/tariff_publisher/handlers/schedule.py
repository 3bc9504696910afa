"""A start in, domain, a report out.

Scheduler may start a run twice, and Lambda tries a run that failed twice more: `publish` does its work once for each
time that was due. What is created here at import is created once per execution environment; nothing else happens.
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

from tariff_publisher import domain
from tariff_publisher.event import Reason, RejectedError, Start
from tariff_publisher.lock import Lock
from tariff_publisher.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from aws_lambda_powertools.utilities.typing import LambdaContext

SERVICE = "tariff-publisher"

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
lock = Lock(records.client, settings.idempotency_table)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: object, context: LambdaContext) -> object:
    """Do what one event asks for, once; what fails is raised, because whoever called does not wait for an answer."""
    once.register_lambda_context(context)
    outcome = "Failed"
    try:
        answer = _work(event, context)
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


def _work(event: object, context: LambdaContext) -> object:
    start = Start.read(event)
    run = start.due.isoformat()
    logger.set_correlation_id(run)
    return publish(run=run, due=start.due, seconds=context.get_remaining_time_in_millis() // 1000 + 1)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools says Any
    data_keyword_argument="run", persistence_store=records, config=once
)
def publish(*, run: str, due: datetime, seconds: int) -> dict[str, object] | None:
    """Publish the tariff that holds when a run was due, once for each run; nothing while another run is at work.

    Raises:
        RejectedError: No tariff holds at that time.
    """
    with lock.hold(run, seconds) as is_alone:
        if is_alone:
            return _publish(run, due)
    # What this run would have done, the next that is alone does.
    logger.info("skipped", run=run)
    metrics.add_metric(name="Overlapped", unit=MetricUnit.Count, value=1)
    return None


def _publish(run: str, due: datetime) -> dict[str, object]:
    try:
        tariff = domain.in_force(due)
    except domain.NoTariffError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("published", run=run, base_cents=tariff.base_cents)
    return {"run": run, "base_cents": tariff.base_cents}
