"""The server: where it listens, what it says of its health, and the way it stops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING

from forecast_scale.connections import Connections, Limits
from forecast_scale.health import serve_health
from forecast_scale.telemetry import Counts

if TYPE_CHECKING:
    import threading

    from forecast_scale.settings import Settings

__all__ = ["serve"]

logger = logging.getLogger("forecast_scale")

COUNT_SECONDS = 60
# Only the port of the service is open to clients, as infra/ says.
ANYWHERE = "0.0.0.0"  # noqa: S104


async def serve(settings: Settings, stopping: threading.Event) -> None:
    """Serve until told to stop, then end what is open.

    Args:
        settings: What the task is told.
        stopping: Set when it was told to stop before it serves; from here on SIGTERM is heard here.
    """
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    if stopping.is_set():
        told.set()
    counts = Counts(settings.environment)
    limits = Limits(
        at_most=settings.connections_at_most,
        at_once=settings.at_once,
        message_bytes=settings.message_bytes_at_most,
        silence_seconds=settings.silence_seconds,
    )
    connections = Connections(counts, limits)
    # What ends is alive and not ready.
    questions = {"/ready": lambda: connections.takes_more, "/alive": lambda: True}
    server = await asyncio.start_server(connections.hold, ANYWHERE, settings.port, backlog=2048)
    try:
        async with await serve_health(ANYWHERE, settings.health_port, questions):
            logger.info("serving")
            counting = asyncio.create_task(_count(counts, connections))
            await told.wait()
            await connections.end(within_seconds=settings.drain_seconds)
            counting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await counting
    finally:
        server.close()
    counts.write(len(connections))


async def _count(counts: Counts, connections: Connections) -> None:
    while True:
        # Scaling goes by this number, so it is said at once and then every minute, whatever happens.
        counts.write(len(connections))
        await asyncio.sleep(COUNT_SECONDS)
