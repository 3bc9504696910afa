"""The server: its routes, what it allows a client, and the way it stops."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from depot_board.feed import Feed
from depot_board.streams import Streams
from depot_board.telemetry import Counts

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from depot_board.settings import Settings

__all__ = ["make_app", "serve"]

COUNT_SECONDS = 60


def make_app(streams: Streams) -> Starlette:
    """Return the application: streams at /events, health for the load balancer and for people."""

    async def ready(_: Request) -> Response:
        # What ends is alive and not ready: the load balancer sends it nobody new.
        return PlainTextResponse("ready") if streams.takes_more else PlainTextResponse("ending", 503)

    async def alive(_: Request) -> Response:
        return PlainTextResponse("alive")

    routes = [Route("/events", streams.open, methods=["GET"]), Route("/ready", ready), Route("/alive", alive)]
    return Starlette(routes=routes)


class _Server(uvicorn.Server):
    """Leaves signals alone: they are a matter of the whole task."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, stopping: threading.Event) -> None:
    """Serve until told to stop, then end what is open.

    Args:
        settings: What the task is told.
        stopping: Set when it was told to stop before it serves; from here on SIGTERM is heard here.
    """
    counts = Counts(settings.environment)
    feed = Feed()
    streams = Streams(feed, counts, at_most=settings.streams_at_most)
    config = uvicorn.Config(
        make_app(streams),
        loop="asyncio",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # The load balancer keeps its connections for a minute; whoever closes first must not be the task.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    # Only the load balancer reaches a task, as infra/ says. A port that is taken is an error here, not an exit there.
    door = socket.create_server(("0.0.0.0", settings.port), backlog=2048)  # noqa: S104
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    counting = asyncio.create_task(_count(counts, streams))
    feeding = asyncio.create_task(feed.run(streams.tell))
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    if stopping.is_set():
        told.set()
    telling = asyncio.create_task(told.wait())
    await asyncio.wait({serving, telling, feeding}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        await streams.end(within_seconds=settings.drain_seconds)
        server.should_exit = True
    await serving
    counting.cancel()
    counts.write(len(streams))
    if feeding.done():
        feeding.result()
    feeding.cancel()
    if not told.is_set():
        message = "the server ended by itself"
        raise RuntimeError(message)


async def _count(counts: Counts, streams: Streams) -> None:
    while True:
        # Scaling goes by this number, so it is said at once and then every minute, whatever happens.
        counts.write(len(streams))
        await asyncio.sleep(COUNT_SECONDS)
