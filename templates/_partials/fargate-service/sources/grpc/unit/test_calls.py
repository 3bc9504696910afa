"""Calls as clients see them: answers, limits, deadlines, back-pressure and what is counted."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckResponse
from unit.conftest import Server, answer, ask, health, here, hung_up_with, questions, running, until

from {{ package_name }}.calls import problem_of
from {{ package_name }}.protocol.forecasts_pb2 import ForecastAnswer, ForecastRequest, Told
from {{ package_name }}.protocol.forecasts_pb2_grpc import ForecastsStub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SERVICE_CONFIG = Path(__file__).parents[2] / "proto" / "service_config.json"
TOO_LARGE = ask("x" * 65_537)


async def failure(call: grpc.aio.UnaryUnaryCall[ForecastRequest, ForecastAnswer]) -> grpc.aio.AioRpcError:
    """Return the error that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await call
    return failed.value


def test_a_question_is_answered_and_one_that_cannot_be_worked_on_says_why(server: Server) -> None:
    async def talk() -> tuple[ForecastAnswer, grpc.aio.AioRpcError]:
        async with server.channel() as channel:
            stub = ForecastsStub(channel)
            return await stub.Forecast(ask()), await failure(stub.Forecast(ask(parcels=0)))

    answered, refused = asyncio.run(talk())

    assert answered == answer()
    assert refused.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert str(refused.details()).startswith("parcels: ")


def test_on_a_stream_a_question_that_cannot_be_worked_on_holds_up_no_other(server: Server) -> None:
    async def talk() -> list[Told]:
        async with server.channel() as channel:
            return [told async for told in ForecastsStub(channel).Converse(questions(ask("", 1), ask()))]

    refused, answered = asyncio.run(talk())

    assert refused.refusal.detail.startswith("message_id: ")
    assert answered.answer == answer()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, ""),
        ({"message_id": ""}, "message_id"),
        ({"message_id": "x" * 101}, "message_id"),
        ({"seed": 0}, "seed"),
        ({"seed": 1_000_000_001}, "seed"),
        ({"parcels": -1}, "parcels"),
        ({"parcels": 10_001}, "parcels"),
    ],
)
def test_what_is_wrong_with_a_question_is_named(changed: dict[str, str | int], named: str) -> None:
    request = ask()
    for name, value in changed.items():
        setattr(request, name, value)

    assert problem_of(request).partition(":")[0] == named


def test_a_message_that_is_too_large_is_refused(server: Server) -> None:
    async def talk() -> list[grpc.StatusCode]:
        async with server.channel() as channel:
            stub = ForecastsStub(channel)
            call = await failure(stub.Forecast(TOO_LARGE))
            return [call.code(), await hung_up_with(stub.Converse(questions(TOO_LARGE)))]

    assert asyncio.run(talk()) == [grpc.StatusCode.RESOURCE_EXHAUSTED] * 2


def test_one_call_too_many_is_told_to_come_later_and_a_place_that_is_left_is_free() -> None:
    async def talk(server: Server) -> tuple[grpc.aio.AioRpcError, ForecastAnswer]:
        # What clients are given lets gRPC itself try again.
        patient = server.channel(service_config=SERVICE_CONFIG.read_text(encoding="utf-8"))
        async with server.channel(enable_retries=0) as channel, patient:
            stream = ForecastsStub(channel).Converse(questions(ask(), then_silent=True))
            await stream.read()
            refused = await failure(ForecastsStub(channel).Forecast(ask()))
            # A task that is full stays in service.
            assert await health(channel, "") == HealthCheckResponse.SERVING
            waiting = asyncio.ensure_future(ForecastsStub(patient).Forecast(ask(), timeout=60))
            await asyncio.sleep(0.5)
            stream.cancel()
            return refused, await waiting

    with running(CALLS_AT_MOST="1") as server:
        refused, answered = asyncio.run(talk(server))

    assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert ("grpc-retry-pushback-ms", "5000") in list(refused.trailing_metadata())
    assert answered == answer()


def test_a_question_that_waits_for_too_long_is_given_up_and_never_begun() -> None:
    async def talk(server: Server) -> list[object]:
        async with server.channel() as channel:
            stub = ForecastsStub(channel)
            # More than one thread does in the time.
            return await asyncio.gather(
                *(stub.Forecast(ask(f"m-{number}", parcels=10_000)) for number in range(400)), return_exceptions=True
            )

    with running(AT_ONCE="1", ANSWER_SECONDS_AT_MOST="1") as server:
        results = asyncio.run(talk(server))
        server.stop()
        _, said = server.ended()

    late = [one for one in results if isinstance(one, grpc.aio.AioRpcError)]
    assert {one.code() for one in late} == {grpc.StatusCode.DEADLINE_EXCEEDED}
    counted = [line for line in said if "_aws" in line]
    assert sum(line.get("Late", 0) for line in counted) == len(late)
    assert sum(line.get("Messages", 0) for line in counted) == len(results) - len(late) < len(results)


def test_what_a_client_does_not_wait_for_any_more_is_never_begun() -> None:
    async def talk(server: Server) -> int:
        async with server.channel() as channel:
            calls = [ForecastsStub(channel).Forecast(ask(parcels=10_000), timeout=0.5) for _ in range(400)]
            results = await asyncio.gather(*calls, return_exceptions=True)
            # Whoever comes later is not kept waiting by it.
            await ForecastsStub(channel).Forecast(ask(), timeout=5)
        return sum(isinstance(one, ForecastAnswer) for one in results)

    with running(AT_ONCE="1") as server:
        in_time = asyncio.run(talk(server))
        server.stop()
        _, said = server.ended()

    done = sum(line.get("Messages", 0) for line in said if "_aws" in line)
    assert in_time < 400
    # The last of them may have been done while its client gave up.
    assert done <= in_time + 10


def test_a_client_that_does_not_read_is_not_read_either(server: Server) -> None:
    async def send_for_ever() -> int:
        sent = 0

        async def many() -> AsyncIterator[ForecastRequest]:
            nonlocal sent
            # What is refused is named in full: so much comes back.
            while sent < 10_000:
                yield ask("x" * 60_000)
                sent += 1

        async with server.channel() as channel:
            stream = ForecastsStub(channel).Converse(many())
            before = -1
            # What nobody reads piles up in the network on both sides, and then sending waits.
            while sent not in {before, 10_000}:
                before = sent
                await asyncio.sleep(2)
            stream.cancel()
        return sent

    async def talk() -> ForecastAnswer:
        async with server.channel() as channel:
            return await ForecastsStub(channel).Forecast(ask())

    sent = asyncio.run(send_for_ever())

    assert 0 < sent < 10_000, "the server reads on and keeps what it cannot send"
    assert asyncio.run(talk()) == answer()


def test_a_silent_stream_hears_a_heartbeat() -> None:
    async def talk() -> list[str | None]:
        async with here(heartbeat_seconds=0.1) as (_, stub):
            stream = stub.Converse(questions(ask(), then_silent=True))
            told = [await stream.read() for _ in range(3)]
            stream.cancel()
            return [one.WhichOneof("told") if isinstance(one, Told) else None for one in told]

    assert asyncio.run(talk()) == ["answer", "heartbeat", "heartbeat"]


@pytest.mark.parametrize("reads", [True, False], ids=["silent", "does not read"])
def test_a_client_that_goes_away_leaves_its_place(*, reads: bool) -> None:
    async def talk() -> int:
        async with here(heartbeat_seconds=0.1 if reads else 60) as (calls, stub):
            asked = [ask("x" * (1 if reads else 60_000), parcels=1)] * (1 if reads else 10_000)
            stream = stub.Converse(questions(*asked, then_silent=True))
            await stream.read()
            # Long enough for what is not read to fill the way back.
            await asyncio.sleep(1)
            before = len(calls)
            stream.cancel()
            await until(lambda: len(calls) == 0)
            return before

    assert asyncio.run(talk()) == 1


def test_what_fails_inside_is_told_to_the_log_and_not_to_the_client(caplog: pytest.LogCaptureFixture) -> None:
    async def talk() -> grpc.aio.AioRpcError:
        async with here() as (calls, stub):
            # Nothing can be worked on any more.
            calls.close()
            return await failure(stub.Forecast(ask()))

    failed = asyncio.run(talk())

    assert (failed.code(), failed.details()) == (grpc.StatusCode.INTERNAL, "the service failed")
    assert "cannot schedule new futures" in caplog.text


def test_calls_and_messages_are_counted(server: Server) -> None:
    async def talk() -> None:
        async with server.channel() as channel:
            stub = ForecastsStub(channel)
            await stub.Forecast(ask())
            with contextlib.suppress(grpc.aio.AioRpcError):
                await stub.Forecast(ask(""))

    asyncio.run(talk())
    server.stop()
    code, said = server.ended()

    counted = [line for line in said if "_aws" in line]
    assert (code, said[-1]["message"]) == (0, "stopped")
    assert counted[0]["Calls"] == 0, "scaling needs the number from the start"
{% if decision.scale_to_zero.min_capacity == 0 %}
    assert (counted[0]["Quiet"], counted[-1]["Quiet"]) == (0, 0), "the alarm that puts it to sleep would stay on"
{% endif %}
    assert (counted[-1]["Messages"], counted[-1]["Rejected"], len(counted[-1]["Seconds"])) == (1, 1, 1)
    [directive] = counted[-1]["_aws"]["CloudWatchMetrics"]
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units.keys() == {"Calls", "Messages", "Rejected", {{ '"Quiet", ' if decision.scale_to_zero.min_capacity == 0 else "" }}"Seconds"}
    assert {name for name, unit in units.items() if unit == "Seconds"} == { {{- '"Quiet", ' if decision.scale_to_zero.min_capacity == 0 else "" }}"Seconds"}
{% if decision.scale_to_zero.min_capacity == 0 %}


def test_a_task_is_quiet_while_there_is_no_call_and_at_no_other_time() -> None:
    async def play() -> list[float]:
        async with here() as (calls, stub):
            quiet = [calls.quiet_seconds]
            stream = stub.Converse(questions(ask(), then_silent=True))
            await stream.read()
            quiet.append(calls.quiet_seconds)
            stream.cancel()
            await until(lambda: len(calls) == 0)
            quiet.append(calls.quiet_seconds)
            await asyncio.sleep(0.2)
            quiet.append(calls.quiet_seconds)
            await calls.end(within_seconds=1)
            return [*quiet, calls.quiet_seconds]

    begun, called, left, deserted, ended = asyncio.run(play())

    assert (called, ended) == (0, 0)
    assert begun > 0
    assert 0 < left < 0.2 <= deserted
{% endif %}


def test_what_clients_are_given_tries_again_as_grpc_can() -> None:
    [method] = json.loads(SERVICE_CONFIG.read_text(encoding="utf-8"))["methodConfig"]
    policy = method["retryPolicy"]

    assert method["name"] == [{"service": "forecast.v1.Forecasts"}]
    # What the load balancer says by 503, and a task that ends; what a full task says.
    assert policy["retryableStatusCodes"] == ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]
    assert policy["maxAttempts"] <= 5, "gRPC makes no more"
{% if decision.scale_to_zero.min_capacity == 0 %}
    first, most = (float(policy[name].removesuffix("s")) for name in ("initialBackoff", "maxBackoff"))
    pauses = [min(most, first * policy["backoffMultiplier"] ** number) for number in range(policy["maxAttempts"] - 1)]
    # gRPC makes each pause shorter or longer by a fifth; CloudWatch and a task may take five minutes.
    assert 0.8 * sum(pauses) >= 300, "it gives up before the service is awake"
{% endif %}
