"""The task: settings, one run, exit code.

Exit codes: 0 the run is done, 1 it failed, 2 a setting is missing or wrong, 143 the task was told to stop and the next
one of the same run goes on.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from enum import IntEnum
from typing import TYPE_CHECKING

from {{ package_name }} import telemetry
from {{ package_name }}.settings import Settings, SettingsError

if TYPE_CHECKING:
    from {{ package_name }}.job import Result

logger = logging.getLogger("{{ package_name }}")


class ExitCode(IntEnum):
    """What the task says when it ends; whoever started it reads this and nothing else."""

    DONE = 0
    FAILED = 1
    WRONG_SETTINGS = 2
    INTERRUPTED = 128 + signal.SIGTERM


def main() -> int:
    """Work on the run that the environment names, and return the exit code."""
    stopping = threading.Event()
{% if on_batch %}
    # AWS sends it when the task is stopped, or Fargate Spot takes the machine back, and waits half a minute. Between
    # two pages is the place to stop; what is cut off then is done again.
{% else %}
    # ECS sends it when the task is stopped, two minutes before Fargate Spot takes the machine back. Between two pages
    # is the place to stop; what is cut off after these minutes is done again.
{% endif %}
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    telemetry.start_logging()
    # Whoever follows a run looks for its id, and has to see what is wrong with its settings.
{% if event_source == "array" %}
    item = os.environ.get("AWS_BATCH_JOB_ARRAY_INDEX", "")
    telemetry.add_to_every_line(run_id=f"{os.environ.get('RUN_ID', '')}-{item}")
{% else %}
    telemetry.add_to_every_line(run_id=os.environ.get("RUN_ID", ""))
{% endif %}
    logger.info("starting")
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        logger.error("wrong setting", extra={"fields": {"detail": str(error)}})  # noqa: TRY400  the message says it all
        return ExitCode.WRONG_SETTINGS
    # A run that hangs says where, and ends: nothing outside would stop it, and it would bill for ever.
    faulthandler.dump_traceback_later(settings.run_seconds_at_most, exit=True)
    try:
        return _work(settings, stopping)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _work(settings: Settings, stopping: threading.Event) -> ExitCode:
    began = time.monotonic()
    result, code = None, ExitCode.FAILED
    try:
        result = _run(settings, stopping)
        code = ExitCode[result.outcome.name]
        logger.info(result.outcome, extra={"fields": asdict(result.progress.tally)})
    except Exception:
        logger.exception("failed")
    telemetry.write_metrics(
        environment=settings.environment,
        duration_seconds=time.monotonic() - began,
        items=result.items if result else 0,
        failures=int(code is ExitCode.FAILED),
    )
    return code


def _run(settings: Settings, stopping: threading.Event) -> Result:
    # The SDK is most of the start. Imported here, it comes after the first line in the log and under the watch above.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    from {{ package_name }} import {% if event_source == "array" %}domain, {% endif %}job  # noqa: PLC0415
    from {{ package_name }}.checkpoints import Checkpoints, Order  # noqa: PLC0415
{% if event_source == "object" %}
    from {{ package_name }}.objects import Objects  # noqa: PLC0415
{% endif %}

    telemetry.add_to_every_line(environment=settings.environment)
    patience = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 8})
{% if checkpoint == "dynamodb" %}
    client = boto3.client("dynamodb", config=patience)
    checkpoints = Checkpoints(client, settings.checkpoints, settings.checkpoint_seconds)
{% else %}
    checkpoints = Checkpoints(boto3.client("s3", config=patience), settings.checkpoints)
{% endif %}
{% if event_source == "object" %}
    order = Order(run_id=settings.run_id, key=settings.object_key, size=settings.object_bytes)
    objects = Objects(boto3.client("s3", config=patience), settings.objects)
    return job.run(order, checkpoints, objects, is_stopping=stopping.is_set)
{% else %}
{% if event_source == "array" %}
    share = domain.share(settings.parcels, settings.item, settings.items)
    # Each item is a run of its own, which goes on from its own checkpoint.
    run_id = f"{settings.run_id}-{settings.item}"
    order = Order(run_id=run_id, seed=settings.seed, first=share.start, parcels=len(share))
{% else %}
    order = Order(run_id=settings.run_id, seed=settings.seed, parcels=settings.parcels)
{% endif %}
    return job.run(order, checkpoints, is_stopping=stopping.is_set)
{% endif %}


if __name__ == "__main__":
    sys.exit(main())
