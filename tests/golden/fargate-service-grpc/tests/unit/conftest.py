"""The service as clients see it: a task in a process of its own, or its calls in this one, and real clients."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from environment import VARIABLES
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from forecast_calls import domain
from forecast_calls.app import make_server
from forecast_calls.calls import Calls
from forecast_calls.health import Health
from forecast_calls.protocol.forecasts_pb2 import ForecastAnswer, ForecastRequest, Told
from forecast_calls.protocol.forecasts_pb2_grpc import ForecastsStub
from forecast_calls.settings import Settings
from forecast_calls.telemetry import Counts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

__all__ = [
    "PATIENCE_SECONDS",
    "Server",
    "answer",
    "ask",
    "health",
    "here",
    "hung_up_with",
    "questions",
    "running",
    "until",
]

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A task: its process and where it listens."""

    process: subprocess.Popen[str]
    address: str

    def channel(self, **options: str | int) -> grpc.aio.Channel:
        """Return a channel as clients have one."""
        return grpc.aio.insecure_channel(self.address, [(f"grpc.{name}", value) for name, value in options.items()])

    def stop(self) -> None:
        """Tell it to stop."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> tuple[int, list[dict[str, Any]]]:
        """Wait for the end, and return the exit code and everything that was said."""
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, [json.loads(line) for line in said.splitlines()]

    def memory_kib(self) -> int:
        """Return the memory that it takes, as Linux shows it."""
        [line] = [
            line
            for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
            if line.startswith("VmRSS:")
        ]
        return int(line.split()[1])


@contextlib.contextmanager
def running(**changed: str) -> Iterator[Server]:
    """Run a task."""
    address = f"127.0.0.1:{free_port()}"
    told = {
        **os.environ,
        **VARIABLES,
        "PORT": address.rpartition(":")[2],
        "PYTHONPATH": os.pathsep.join(sys.path),
        **changed,
    }
    command = [sys.executable, "-m", "forecast_calls"]
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True) as process:
        try:
            asyncio.run(until_it_listens(address))
            yield Server(process, address)
        finally:
            process.kill()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def until_it_listens(address: str) -> None:
    """Wait until a task takes connections."""
    async with grpc.aio.insecure_channel(address) as channel, asyncio.timeout(PATIENCE_SECONDS):
        await channel.channel_ready()


@contextlib.asynccontextmanager
async def here(
    *, at_most: int = 10, heartbeat_seconds: float = PATIENCE_SECONDS
) -> AsyncIterator[tuple[Calls, ForecastsStub]]:
    """Serve in this process, where the test can look inside."""
    port = free_port()
    calls = Calls(
        Counts("test"), at_most=at_most, at_once=1, answer_seconds_at_most=30, heartbeat_seconds=heartbeat_seconds
    )
    server = make_server(Settings.from_environment({**VARIABLES, "PORT": str(port)}), calls, Health())
    await server.start()
    async with asyncio.timeout(PATIENCE_SECONDS), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield calls, ForecastsStub(channel)
    await server.stop(0)
    calls.close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A task that has just begun."""
    with running() as server:
        yield server


def ask(message_id: str = "m-1", parcels: int = 250) -> ForecastRequest:
    """Return a question."""
    return ForecastRequest(message_id=message_id, seed=7, parcels=parcels)


def answer(message_id: str = "m-1", parcels: int = 250) -> ForecastAnswer:
    """Return what it is to be answered."""
    return ForecastAnswer(message_id=message_id, revenue_cents=domain.tally(7, range(parcels)).revenue_cents)


async def health(channel: grpc.aio.Channel, service: str) -> int | grpc.StatusCode:
    """Ask for the health as the load balancer does; return what is answered, or the status where nothing is."""
    check: grpc.aio.UnaryUnaryMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_unary(
        "/grpc.health.v1.Health/Check", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    try:
        return (await check(HealthCheckRequest(service=service))).status
    except grpc.aio.AioRpcError as error:
        return error.code()


async def questions(*asked: ForecastRequest, then_silent: bool = False) -> AsyncIterator[ForecastRequest]:
    """Ask on a stream, and then end it or say nothing for ever."""
    for one in asked:
        yield one
    if then_silent:
        await asyncio.Event().wait()


async def hung_up_with(stream: grpc.aio.StreamStreamCall[ForecastRequest, Told]) -> grpc.StatusCode:
    """Return the status that a stream ends with."""
    with contextlib.suppress(grpc.aio.AioRpcError):
        while await stream.read() is not grpc.aio.EOF:
            pass
    return await stream.code()


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not come to that"
        await asyncio.sleep(0.02)
