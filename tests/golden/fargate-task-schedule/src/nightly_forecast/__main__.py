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

from nightly_forecast import telemetry
from nightly_forecast.settings import Settings, SettingsError

if TYPE_CHECKING:
    from nightly_forecast.job import Result

logger = logging.getLogger("nightly_forecast")


class ExitCode(IntEnum):
    """What the task says when it ends; whoever started it reads this and nothing else."""

    DONE = 0
    FAILED = 1
    WRONG_SETTINGS = 2
    INTERRUPTED = 128 + signal.SIGTERM


def main() -> int:
    """Work on the run that the environment names, and return the exit code."""
    stopping = threading.Event()
    # ECS sends it when the task is stopped, two minutes before Fargate Spot takes the machine back. Between two pages
    # is the place to stop; what is cut off after these minutes is done again.
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    telemetry.start_logging()
    # Whoever follows a run looks for its id, and has to see what is wrong with its settings.
    telemetry.add_to_every_line(run_id=os.environ.get("RUN_ID", ""))
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

    from nightly_forecast import job  # noqa: PLC0415
    from nightly_forecast.checkpoints import Checkpoints, Order  # noqa: PLC0415

    telemetry.add_to_every_line(environment=settings.environment)
    patience = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 8})
    client = boto3.client("dynamodb", config=patience)
    checkpoints = Checkpoints(client, settings.checkpoints, settings.checkpoint_seconds)
    order = Order(run_id=settings.run_id, seed=settings.seed, parcels=settings.parcels)
    return job.run(order, checkpoints, is_stopping=stopping.is_set)


if __name__ == "__main__":
    sys.exit(main())
