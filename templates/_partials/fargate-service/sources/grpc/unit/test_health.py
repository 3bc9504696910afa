"""Health as the load balancer and clients ask for it: ready is not alive."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from unit.conftest import Server, ask, health, questions, running, until

from {{ package_name }}.health import ALIVE, READY
from {{ package_name }}.protocol.forecasts_pb2_grpc import ForecastsStub

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize(
    ("service", "expected"),
    [("", SERVING), (READY, SERVING), (ALIVE, SERVING), ("other", grpc.StatusCode.NOT_FOUND)],
    ids=["load balancer", "ready", "alive", "unknown"],
)
def test_a_task_that_has_begun_is_healthy(server: Server, service: str, expected: object) -> None:
    async def look() -> object:
        async with server.channel() as channel:
            return await health(channel, service)

    assert asyncio.run(look()) == expected


def test_a_task_that_ends_is_alive_and_not_ready() -> None:
    async def look(server: Server) -> dict[str, object]:
        async with server.channel() as channel:
            heard: list[int] = []
            watching = asyncio.create_task(watch(channel, heard))
            # One is silent, and its turn to end is not the first.
            open_now = [ForecastsStub(channel).Converse(questions(ask(), then_silent=True)) for _ in range(2)]
            for stream in open_now:
                await stream.read()
            server.stop()
            await until(lambda: heard[-1:] == [NOT_SERVING])
            said: dict[str, object] = {service: await health(channel, service) for service in ("", READY, ALIVE)}
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await ForecastsStub(channel).Forecast(ask())
            for stream in open_now:
                stream.cancel()
            watching.cancel()
            return {**said, "a call": refused.value.code(), "watched": heard}

    with running(DRAIN_SECONDS="30") as server:
        seen = asyncio.run(look(server))
        code, _ = server.ended()

    assert seen == {
        "": grpc.StatusCode.UNAVAILABLE,
        READY: NOT_SERVING,
        ALIVE: SERVING,
        "a call": grpc.StatusCode.UNAVAILABLE,
        "watched": [SERVING, NOT_SERVING],
    }
    assert code == 0


async def watch(channel: grpc.aio.Channel, heard: list[int]) -> None:
    """Keep what the health is said to be, as soon as it is said."""
    ask_for_ever: grpc.aio.UnaryStreamMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_stream(
        "/grpc.health.v1.Health/Watch", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    async for one in ask_for_ever(HealthCheckRequest(service=READY)):
        heard += [one.status]
