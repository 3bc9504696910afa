"""One step of a run in, domain, what the workflow goes on with out.

workflow.asl.json says which step follows which. A step ends before Lambda stops it and says whether its chunk is done;
if not, the workflow calls again, and the checkpoint says where to go on. What is created here at import is created once
per execution environment; nothing else happens at import.
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
from botocore.config import Config
{% endif %}

from {{ package_name }} import domain
{% if aws_client == "lean" %}
from {{ package_name }}.aws import DynamoDB
{% endif %}
from {{ package_name }}.checkpoints import Checkpoints, Progress
from {{ package_name }}.event import Finish, Plan, RejectedError, Work, read_step
from {{ package_name }}.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from {{ package_name }}.event import Step

{% include "templates/_partials/handler_setup.py" %}

{% if aws_client == "lean" %}
# One client, made here once: certificates are read while Lambda gives a start its whole processor.
checkpoints = Checkpoints(DynamoDB(os.environ), settings.checkpoint_table, settings.checkpoint_seconds)
{% else %}
# The runtime brings boto3. One client, made here once, with a patience that ends before the step does.
_patience = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
checkpoints = Checkpoints(
    boto3.client("dynamodb", config=_patience),
    settings.checkpoint_table,
    settings.checkpoint_seconds,
)
{% endif %}

# A smaller chunk is not worth the transitions of a step of its own.
_LEAST_PAGES = 10


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Do one step. What can never succeed is a `RejectedError`, after which the workflow does not try again.

    Raises:
        RejectedError: The step is of no known version or shape.
    """
    outcome = "Failed"
    try:
        step = read_step(event)
        logger.set_correlation_id(step.run)
        answer = _answer(step, context)
        outcome = "Done"
    except RejectedError as rejection:
        logger.warning("rejected", reason=rejection.reason, detail=rejection.detail)
        outcome = "Rejected"
        raise
    except Exception:
        logger.exception("failed")
        raise
    finally:
        metrics.add_metric(name=outcome, unit=MetricUnit.Count, value=1)
    return answer


def _answer(step: Step, context: LambdaContext) -> dict[str, object]:
    match step:
        case Plan():
            return plan(step)
        case Work():
            return work(step, context)
        case Finish():
            return finish(step)


def plan(step: Plan) -> dict[str, object]:
    """Cut the order into chunks that are worked on side by side."""
    ranges = domain.split(step.order.parcels, at_least=_LEAST_PAGES * settings.page_parcels)
    logger.info("planned", parcels=step.order.parcels, chunks=len(ranges))
    return {"chunks": [{"seed": step.order.seed, "start": part.start, "stop": part.stop} for part in ranges]}


def work(step: Work, context: LambdaContext) -> dict[str, object]:
    """Work on a chunk page by page, with a checkpoint after each, until it is done or the time is up."""
    chunk = step.chunk
    progress = checkpoints.load(step.run, chunk)
    while progress.done_to < chunk.stop:
        page = range(progress.done_to, min(progress.done_to + settings.page_parcels, chunk.stop))
        progress = Progress(done_to=page.stop, tally=progress.tally + domain.tally(chunk.seed, page))
        checkpoints.save(step.run, chunk, progress)
        if context.get_remaining_time_in_millis() < settings.stop_before_seconds * 1_000:
            break
    done = progress.done_to >= chunk.stop
    logger.info("worked", start=chunk.start, done_to=progress.done_to, done=done)
    return {"done": done, "tally": msgspec.to_builtins(progress.tally)}


def finish(step: Finish) -> dict[str, object]:
    """Add up the chunks; this is the run's result."""
    total = sum(step.tallies, start=domain.Tally())
    # Here your service would hand the result on, under the run's name so that twice is once.
    logger.info("finished", parcels=total.parcels, revenue_cents=total.revenue_cents)
    return {"parcels": total.parcels, "revenue_cents": total.revenue_cents}
