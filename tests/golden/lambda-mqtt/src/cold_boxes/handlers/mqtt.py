"""A message of a device in, domain, a verdict out.

MQTT, the rule and Lambda each may deliver a message twice, and Lambda tries one that failed twice more: `judge_once`
does its work once for each message that has an id. What is created here at import is created once per execution
environment; nothing else happens at import.
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

from cold_boxes import domain
from cold_boxes.event import Message, Reason, RejectedError
from cold_boxes.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SERVICE = "cold-boxes"

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
    message = Message.read(event)
    logger.set_correlation_id(message.trace_id or context.aws_request_id)
    measured = message.measured()
    if measured.message_id is None:
        return judge(topic=message.topic, celsius=measured.celsius)
    # Devices name their messages themselves, so the topic is part of the name: none can silence another.
    name = f"{message.topic} {measured.message_id}"
    return judge_once(name=name, topic=message.topic, celsius=measured.celsius)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools says Any
    data_keyword_argument="name", persistence_store=records, config=once
)
def judge_once(*, name: str, topic: str, celsius: float) -> str:
    """Judge a temperature once for each name of a message.

    Raises:
        RejectedError: No sensor measures such a temperature.
    """
    logger.append_keys(name=name)
    return judge(topic=topic, celsius=celsius)


def judge(*, topic: str, celsius: float) -> str:
    """Judge a temperature and return the verdict.

    Raises:
        RejectedError: No sensor measures such a temperature.
    """
    try:
        verdict = domain.judge(celsius)
    except domain.ImplausibleTemperatureError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("judged", topic=topic, celsius=celsius, verdict=verdict)
    return verdict
