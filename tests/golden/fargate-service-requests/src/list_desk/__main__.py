"""The task: settings, then requests until it is told to stop, then an exit code.

Exit codes: 0 it was told to stop and did so, 1 it failed, 2 a setting is missing or wrong.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from enum import IntEnum

from list_desk import telemetry
from list_desk.settings import Settings, SettingsError

logger = logging.getLogger("list_desk")


class ExitCode(IntEnum):
    """What the task says when it ends."""

    STOPPED = 0
    FAILED = 1
    WRONG_SETTINGS = 2


def main() -> int:
    """Answer requests until told to stop, and return the exit code."""
    # Until there is something to drain, a task that is told to stop just ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ExitCode.STOPPED))
    telemetry.start_logging()
    logger.info("starting")
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        logger.error("wrong setting", extra={"fields": {"detail": str(error)}})  # noqa: TRY400  the message says it all
        return ExitCode.WRONG_SETTINGS
    telemetry.add_to_every_line(environment=settings.environment)
    try:
        # Framework and server are most of the start. Imported here, they come after the first line in the log.
        import asyncio  # noqa: PLC0415

        from list_desk.server import serve  # noqa: PLC0415

        asyncio.run(serve(settings))
    except Exception:
        logger.exception("failed")
        return ExitCode.FAILED
    logger.info("stopped")
    return ExitCode.STOPPED


if __name__ == "__main__":
    sys.exit(main())
