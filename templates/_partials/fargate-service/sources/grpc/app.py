"""The server: what it allows a client, and the way it stops."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health_pb2_grpc

from {{ package_name }}.calls import Calls
from {{ package_name }}.health import Health
from {{ package_name }}.protocol import forecasts_pb2_grpc
from {{ package_name }}.telemetry import Counts

if TYPE_CHECKING:
    import threading

    from {{ package_name }}.settings import Settings

__all__ = ["serve"]

COUNT_SECONDS = 60
# For what is still open after the drain, such as somebody who watches the health.
GRACE_SECONDS = 5


def make_server(settings: Settings, calls: Calls, health: Health) -> grpc.aio.Server:
    """Return the server, which listens once it is started."""
    server = grpc.aio.server(
        options=[
            # A port that is taken is an error.
            ("grpc.so_reuseport", 0),
            ("grpc.max_receive_message_length", settings.message_bytes_at_most),
            ("grpc.max_send_message_length", settings.message_bytes_at_most),
            # Of one connection of the load balancer; questions about health need room even where calls have none.
            ("grpc.max_concurrent_streams", settings.calls_at_most + 10),
            # What a stream has on its way is bounded: gRPC would let it grow to megabytes on a fast network.
            ("grpc.http2.bdp_probe", 0),
            ("grpc.http2.lookahead_bytes", 65_536),
            # No pings of HTTP/2: the load balancer does not support them. Heartbeats are messages (calls.py).
        ],
    )
    forecasts_pb2_grpc.add_ForecastsServicer_to_server(calls, server)
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    # Only the load balancer reaches a task, as infra/ says; clients speak TLS with that.
    server.add_insecure_port(f"0.0.0.0:{settings.port}")
    return server


async def serve(settings: Settings, stopping: threading.Event) -> None:
    """Serve until told to stop, then end what is open.

    Args:
        settings: What the task is told.
        stopping: Set when it was told to stop before it serves; from here on SIGTERM is heard here.
    """
    counts = Counts(settings.environment)
    calls = Calls(
        counts,
        at_most=settings.calls_at_most,
        at_once=settings.at_once,
        answer_seconds_at_most=settings.answer_seconds_at_most,
    )
    health = Health()
    server = make_server(settings, calls, health)
    await health.begin()
    await server.start()
    counting = asyncio.create_task(_count(counts, calls))
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    if stopping.is_set():
        told.set()
    await told.wait()
    # Alive and not ready: nobody new comes while those who are here finish.
    await health.end()
    await calls.end(within_seconds=settings.drain_seconds)
    await server.stop(GRACE_SECONDS)
    calls.close()
    counting.cancel()
    counts.write(len(calls){{ ", calls.quiet_seconds" if decision.scale_to_zero.min_capacity == 0 else "" }})


async def _count(counts: Counts, calls: Calls) -> None:
    while True:
        # Scaling goes by this number, so it is said at once and then every minute, whatever happens.
        counts.write(len(calls){{ ", calls.quiet_seconds" if decision.scale_to_zero.min_capacity == 0 else "" }})
        await asyncio.sleep(COUNT_SECONDS)
