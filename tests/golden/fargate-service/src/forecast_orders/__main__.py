"""The task: settings, then messages until it is told to stop, then an exit code.

Exit codes: 0 it was told to stop and did so, 1 it failed or a message hung, 2 a setting is missing or wrong.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import threading
from enum import IntEnum
from typing import TYPE_CHECKING

from forecast_orders import telemetry
from forecast_orders.settings import Settings, SettingsError

if TYPE_CHECKING:
    from forecast_orders.worker import Worker

logger = logging.getLogger("forecast_orders")


class ExitCode(IntEnum):
    """What the task says when it ends."""

    STOPPED = 0
    FAILED = 1
    WRONG_SETTINGS = 2


def main() -> int:
    """Work off the queue until told to stop, and return the exit code."""
    stopping = threading.Event()
    # ECS sends it when it stops the task: take no more, finish what is in hand.
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    telemetry.start_logging()
    logger.info("starting")
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        logger.error("wrong setting", extra={"fields": {"detail": str(error)}})  # noqa: TRY400  the message says it all
        return ExitCode.WRONG_SETTINGS
    telemetry.add_to_every_line(environment=settings.environment)
    try:
        _worker(settings).run(stopping)
    except Exception:
        logger.exception("failed")
        # Where every thread is: what hangs is one of them.
        faulthandler.dump_traceback(all_threads=True)
        return ExitCode.FAILED
    logger.info("stopped")
    return ExitCode.STOPPED


def _worker(settings: Settings) -> Worker:
    # The SDK is most of the start. Imported here, it comes after the first line in the log.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    from forecast_orders.inbox import Inbox  # noqa: PLC0415
    from forecast_orders.protection import Protection  # noqa: PLC0415
    from forecast_orders.results import Results  # noqa: PLC0415
    from forecast_orders.telemetry import Counts  # noqa: PLC0415
    from forecast_orders.worker import Limits, Worker  # noqa: PLC0415

    limits = Limits(
        at_once=settings.at_once,
        message_seconds=settings.message_seconds_at_most,
        drain_seconds=settings.drain_seconds,
        # A third: once may fail, and a receive may be under way, before it is late.
        keep_every_seconds=settings.hidden_seconds / 3,
    )
    # A receive waits longer than any other call.
    patience = Config(
        connect_timeout=2,
        read_timeout=limits.poll_seconds + 10,
        retries={"mode": "standard", "total_max_attempts": 4},
        max_pool_connections=2 * settings.at_once + 2,
    )
    results = Results(
        boto3.client("dynamodb", config=patience),
        settings.results_table,
        kept_seconds=settings.results_seconds,
        # It is over before the message of a task that was killed shows up again.
        claim_seconds=settings.hidden_seconds * 3 // 4,
    )
    inbox = Inbox(boto3.client("sqs", config=patience), settings.queue_url, settings.hidden_seconds)
    # As long as a stretch of work and one message that hangs.
    longest = int(limits.stretch_seconds) + settings.message_seconds_at_most
    protection = Protection(settings.agent_uri, at_most_seconds=longest)
    return Worker(inbox, results, protection, Counts(settings.environment), limits)


if __name__ == "__main__":
    sys.exit(main())
