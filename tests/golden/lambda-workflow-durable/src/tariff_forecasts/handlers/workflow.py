"""A run in, domain, its result out; a chunk of a run likewise. A durable function does both.

Lambda keeps what each step returned. Whenever an execution goes on, after a pause, a failure or a killed process, it
runs this code again from its first line and gives those results back instead of doing the steps again. So whatever may
be different the next time, as the clock, chance or the answer to a call, stands inside a step; all other code decides
by the request and by what steps returned. What is created here at import is created once per execution environment.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

import boto3
import msgspec
from aws_durable_execution_sdk_python import durable_execution, durable_step
from aws_durable_execution_sdk_python.config import (
    Duration,
    JitterStrategy,
    MapConfig,
    NestingType,
    StepConfig,
    StepSemantics,
)
from aws_durable_execution_sdk_python.retries import RetryDecision, RetryStrategyConfig, create_retry_strategy
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from tariff_forecasts import domain
from tariff_forecasts.domain import Tally
from tariff_forecasts.event import Order, RejectedError, read_request
from tariff_forecasts.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_durable_execution_sdk_python import BatchResult, DurableContext, StepContext
    from aws_durable_execution_sdk_python.types import LambdaContext

    from tariff_forecasts.event import Chunk, Work

SERVICE = "tariff-forecasts"

settings = Settings.from_environment(os.environ)
logger = Logger(service=SERVICE, environment=settings.environment)
metrics = Metrics(namespace=SERVICE, service=SERVICE)
metrics.set_default_dimensions(environment=settings.environment)

# A smaller chunk is not worth an execution of its own.
_LEAST_PAGES = 10

_backoff = create_retry_strategy(
    RetryStrategyConfig(
        max_attempts=7,
        initial_delay=Duration.from_seconds(2),
        backoff_rate=2,
        max_delay=Duration.from_minutes(5),
        jitter_strategy=JitterStrategy.FULL,
    ),
)


def try_again(error: Exception, attempts: int) -> RetryDecision:
    """Wait longer before each attempt, at random within that time; give up what can never succeed at once."""
    return RetryDecision.no_retry() if isinstance(error, RejectedError) else _backoff(error, attempts)


# An attempt whose process died counts as one, so that a step which always kills it ends, instead of coming for ever.
PATIENTLY = StepConfig(retry_strategy=try_again, step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY)


class Progress(msgspec.Struct, frozen=True):
    """The parcels of a chunk below `done_to` earn `tally`; with `time_is_up` a new invocation goes on."""

    done_to: int
    tally: Tally
    time_is_up: bool = False


def execute(event: object, context: DurableContext) -> dict[str, object]:
    """Do a run, or one chunk of it.

    Raises:
        RejectedError: The event asks for nothing that this service knows.
    """
    context.set_logger(logger)
    # A pause leaves by an exception of the SDK's own, which nothing here may catch.
    outcome = "Suspended"
    try:
        request = read_request(event)
        answer = run(request, context) if isinstance(request, Order) else work(request, context)
        outcome = "Done"
    except RejectedError as rejection:
        logger.warning("rejected", reason=rejection.reason, detail=rejection.detail)
        outcome = "Rejected"
        raise
    except Exception:
        logger.exception("failed")
        outcome = "Failed"
        raise
    finally:
        metrics.add_metric(name=outcome, unit=MetricUnit.Count, value=1)
    return answer


def run(order: Order, context: DurableContext) -> dict[str, object]:
    """Cut an order into chunks, give each to an execution of its own, and add up what they earn."""
    name = context.execution_context.durable_execution_arn
    logger.set_correlation_id(name)
    parts = domain.split(order.parcels, at_least=_LEAST_PAGES * settings.page_parcels)
    context.logger.info("planned", extra={"parcels": order.parcels, "chunks": len(parts)})
    requests: list[dict[str, object]] = [
        {"run": name, "chunk": {"seed": order.seed, "start": part.start, "stop": part.stop}} for part in parts
    ]
    # Flat: a chunk is one operation, not two.
    side_by_side = MapConfig[Any](max_concurrency=settings.chunks_at_once, nesting_type=NestingType.FLAT)
    tallies: BatchResult[object] = context.map(requests, _give_to_an_execution, name="chunks", config=side_by_side)
    tallies.throw_if_error()
    total = sum((msgspec.convert(tally, Tally) for tally in tallies.get_results()), start=Tally())
    return context.step(finish(total), name="finish", config=PATIENTLY)


def _give_to_an_execution(
    context: DurableContext,
    request: dict[str, object],
    index: int,
    _requests: Sequence[object],
) -> dict[str, object]:
    # A run stays with the version that it began on; so do its chunks.
    invocation = _invocation(context)
    function = f"{invocation.function_name}:{invocation.function_version}"
    return context.invoke(function, request, name=f"chunk-{index}")


def work(request: Work, context: DurableContext) -> dict[str, object]:
    """Work on a chunk, a page for each step, in as many invocations as it takes."""
    logger.set_correlation_id(request.run)
    chunk, progress = request.chunk, Progress(done_to=request.chunk.start, tally=Tally())
    while progress.done_to < chunk.stop:
        step = count_page(chunk, progress, _invocation(context).get_remaining_time_in_millis)
        progress = msgspec.convert(context.step(step, name=f"page-{progress.done_to}", config=PATIENTLY), Progress)
        if progress.time_is_up:
            # The invocation ends here; the next one has all its time before it.
            context.wait(Duration.from_seconds(1), name="new-invocation")
    context.logger.info("worked", extra={"start": chunk.start, "stop": chunk.stop})
    return _plain(progress.tally)


@durable_step
def count_page(
    _context: StepContext,
    chunk: Chunk,
    progress: Progress,
    remaining_ms: Callable[[], int],
) -> dict[str, object]:
    """Count one page more. How much time is left is part of the result, because a replay must see the same."""
    page = range(progress.done_to, min(progress.done_to + settings.page_parcels, chunk.stop))
    tally = progress.tally + domain.tally(chunk.seed, page)
    time_is_up = remaining_ms() < settings.stop_before_seconds * 1_000 and page.stop < chunk.stop
    return _plain(Progress(done_to=page.stop, tally=tally, time_is_up=time_is_up))


@durable_step
def finish(context: StepContext, total: Tally) -> dict[str, object]:
    """Hand on the result."""
    # Here your service would, under the run's name so that twice is once.
    context.logger.info("finished", extra=_plain(total))
    return _plain(total)


def _plain(value: object) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(value)
    return plain


def _invocation(context: DurableContext) -> LambdaContext:
    # The SDK has none where there is no Lambda.
    return cast("LambdaContext", context.lambda_context)


# The runtime brings boto3. One client, made here once; the SDK saves each checkpoint with it.
_patience = Config(connect_timeout=2, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 5})
_execution = durable_execution(execute, boto3_client=boto3.client("lambda", config=_patience))


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: object, context: LambdaContext) -> object:
    """Let an execution go on, from its beginning or from where it was."""
    return _execution(event, context)
