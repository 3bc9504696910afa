"""The task: settings, then connections until it is told to stop, then an exit code.

Exit codes: 0 it was told to stop and did so, 1 it failed, 2 a setting is missing or wrong.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from enum import IntEnum

from forecast_scale import telemetry
from forecast_scale.settings import Settings, SettingsError

logger = logging.getLogger("forecast_scale")


class ExitCode(IntEnum):
    """What the task says when it ends."""

    STOPPED = 0
    FAILED = 1
    WRONG_SETTINGS = 2


def main() -> int:
    """Hold connections until told to stop, and return the exit code."""
    stopping = threading.Event()
    # ECS sends it when it stops the task, after the load balancer sends nobody new: end what is open.
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
        _serve(settings, stopping)
    except Exception:
        logger.exception("failed")
        return ExitCode.FAILED
    logger.info("stopped")
    return ExitCode.STOPPED


def _serve(settings: Settings, stopping: threading.Event) -> None:
    # Server and framework are most of the start. Imported here, they come after the first line in the log.
    import asyncio  # noqa: PLC0415

    from forecast_scale import app  # noqa: PLC0415

    asyncio.run(app.serve(settings, stopping))


if __name__ == "__main__":
    sys.exit(main())
