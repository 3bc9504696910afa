"""The task: settings, then the feed until it is told to stop, then an exit code.

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

from forecast_feed import telemetry
from forecast_feed.settings import Settings, SettingsError

logger = logging.getLogger("forecast_feed")


class ExitCode(IntEnum):
    """What the task says when it ends."""

    STOPPED = 0
    FAILED = 1
    WRONG_SETTINGS = 2


def main() -> int:
    """Listen to the feed until told to stop, and return the exit code."""
    stopping = threading.Event()
    # ECS sends it when it stops the task: hear no more, settle what was heard.
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
        _run(settings, stopping)
    except Exception:
        logger.exception("failed")
        # Where every thread is: what hangs is one of them.
        faulthandler.dump_traceback(all_threads=True)
        return ExitCode.FAILED
    logger.info("stopped")
    return ExitCode.STOPPED


def _run(settings: Settings, stopping: threading.Event) -> None:
    # SDK and client are most of the start. Imported here, they come after the first line in the log.
    import asyncio  # noqa: PLC0415

    from forecast_feed import subscriber  # noqa: PLC0415

    asyncio.run(subscriber.run(settings, stopping))


if __name__ == "__main__":
    sys.exit(main())
