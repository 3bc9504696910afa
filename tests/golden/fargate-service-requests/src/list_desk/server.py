"""Serves the application until the task is told to stop, and lets what is at work end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import uvicorn

from list_desk.app import Desk, make_app
from list_desk.limits import Bounds, Limits
from list_desk.telemetry import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from list_desk.settings import Settings

__all__ = ["serve"]

logger = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: it would stop at once, before anybody knows that the task goes."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`."""
        yield


async def serve(settings: Settings) -> None:
    """Answer requests until told to stop.

    ECS sends SIGTERM when the load balancer has sent nothing new for as long as the longest request takes. So there is
    nothing to wait for: the task takes no more and finishes what it has.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    loop.set_default_executor(ThreadPoolExecutor(settings.at_once, thread_name_prefix="work"))
    desk, counts = Desk(), Counts(settings.environment)
    bounds = Bounds(
        taken_at_most=settings.taken_at_most,
        body_bytes=settings.max_body_bytes,
        seconds=settings.seconds_at_most,
    )
    limits = Limits(make_app(desk), bounds, desk, counts)
    server = Server(_config(limits, settings))
    # The load balancer comes from another machine.
    listening = socket.create_server(("0.0.0.0", settings.port), backlog=2048)  # noqa: S104
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    counting = asyncio.create_task(_count(limits, counts))
    try:
        await desk.load()
        await _first_of(asyncio.create_task(stopping.wait()), serving, counting)
        desk.is_draining = True
        logger.info("draining", extra={"fields": {"in_flight": limits.in_flight}})
    finally:
        server.should_exit = True
        await serving
        counting.cancel()
        counts.write()


async def _count(limits: Limits, counts: Counts) -> None:
    """See once a second how many requests are at work."""
    while True:
        await asyncio.sleep(1)
        counts.see(limits.in_flight)


def _config(limits: Limits, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        limits,
        http="httptools",
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


async def _first_of(*tasks: asyncio.Task[object]) -> None:
    """Wait until one of some tasks ends, and fail if it failed."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
