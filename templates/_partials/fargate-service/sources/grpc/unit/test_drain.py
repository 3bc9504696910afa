"""A task that is told to stop: what is open ends in time, and nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from unit.conftest import Server, answer, ask, hung_up_with, questions, running

from {{ package_name }}.protocol.forecasts_pb2 import ForecastAnswer, ForecastRequest, Told
from {{ package_name }}.protocol.forecasts_pb2_grpc import ForecastsStub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

MESSAGES = 150
# grpcio's asyncio client says INTERNAL of a stream that ends while it sends, whatever the server said.
SENT_AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL}
# As docs/adr/{{ record_file }} counts with.
MOST_KIB_PER_CALL = 100


def test_a_silent_stream_and_one_that_never_pauses_are_told_to_come_back() -> None:
    async def talk(server: Server) -> tuple[list[grpc.StatusCode], str]:
        async def for_ever() -> AsyncIterator[ForecastRequest]:
            while True:
                yield ask(parcels=1)

        async with server.channel() as channel:
            streams = [
                ForecastsStub(channel).Converse(asked) for asked in (questions(ask(), then_silent=True), for_ever())
            ]
            for stream in streams:
                await stream.read()
            server.stop()
            return [await hung_up_with(stream) for stream in streams], await streams[0].details()

    with running(DRAIN_SECONDS="4") as server:
        began = time.monotonic()
        statuses, why = asyncio.run(talk(server))
        code, said = server.ended()

    assert (statuses[0], why) == (grpc.StatusCode.UNAVAILABLE, "the service moves, call again")
    assert statuses[1] in SENT_AWAY
    assert (code, said[-1]["message"]) == (0, "stopped")
    assert time.monotonic() - began < 20


def test_a_question_in_hand_is_answered_before_the_task_ends() -> None:
    async def talk(server: Server) -> list[ForecastAnswer]:
        async with server.channel() as channel:
            calls = [ForecastsStub(channel).Forecast(ask(f"m-{number}", parcels=10_000)) for number in range(20)]
            await asyncio.gather(*(call.wait_for_connection() for call in calls))
            await calls[0]
            server.stop()
            return await asyncio.gather(*calls)

    with running(AT_ONCE="1") as server:
        answers = asyncio.run(talk(server))
        code, _ = server.ended()

    assert [one.message_id for one in answers] == [f"m-{number}" for number in range(20)]
    assert code == 0


async def ask_by_calls(stub: ForecastsStub, answers: dict[str, ForecastAnswer]) -> None:
    """Ask what has no answer yet, a call each."""
    while (number := len(answers)) < MESSAGES:
        answers[f"m-{number}"] = await stub.Forecast(ask(f"m-{number}", number + 1))
        await asyncio.sleep(0.01)


async def ask_on_a_stream(stub: ForecastsStub, answers: dict[str, ForecastAnswer]) -> None:
    """Ask what has no answer yet, on one stream."""
    answered = asyncio.Semaphore(1)

    async def asked() -> AsyncIterator[ForecastRequest]:
        while await answered.acquire() and (number := len(answers)) < MESSAGES:
            yield ask(f"m-{number}", number + 1)

    async for told in stub.Converse(asked()):
        if told.WhichOneof("told") == "answer":
            answers[told.answer.message_id] = told.answer
            await asyncio.sleep(0.01)
            answered.release()


@pytest.mark.parametrize("way", [ask_by_calls, ask_on_a_stream])
def test_a_rolling_restart_loses_no_message_that_was_answered_and_no_client(
    way: Callable[[ForecastsStub, dict[str, ForecastAnswer]], Awaitable[None]],
) -> None:
    sent_away: list[grpc.StatusCode] = []

    async def work(stubs: list[ForecastsStub]) -> dict[str, ForecastAnswer]:
        """Ask until everything is answered; whoever is sent away goes on elsewhere, at what has no answer."""
        answers: dict[str, ForecastAnswer] = {}
        while len(answers) < MESSAGES:
            try:
                await way(stubs[0], answers)
            except grpc.aio.AioRpcError as ended:
                sent_away.append(ended.code())
                stubs.reverse()
        return answers

    async def restart(old: Server, new: Server) -> list[dict[str, ForecastAnswer]]:
        async with old.channel() as before, new.channel() as after:
            working = [asyncio.create_task(work([ForecastsStub(before), ForecastsStub(after)])) for _ in range(20)]
            await asyncio.sleep(0.5)
            old.stop()
            return await asyncio.gather(*working)

    with running(DRAIN_SECONDS="2") as old, running() as new:
        everything = asyncio.run(restart(old, new))
        assert old.ended()[0] == 0

    right = {f"m-{number}": answer(f"m-{number}", number + 1) for number in range(MESSAGES)}
    assert all(answers == right for answers in everything)
    expected = SENT_AWAY if way is ask_on_a_stream else {grpc.StatusCode.UNAVAILABLE}
    assert sent_away
    assert set(sent_away) <= expected, "a call broke off"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory as Linux shows it")
def test_a_thousand_silent_streams_are_small_and_a_spike_of_messages_is_answered(
    record_property: Callable[[str, object], None],
) -> None:
    async def crowd(server: Server) -> int:
        async with server.channel() as channel:
            stub = ForecastsStub(channel)
            await stub.Forecast(ask())
            before = server.memory_kib()
            streams = [stub.Converse() for _ in range(1_000)]
            for stream in streams:
                await stream.write(ask("m-0", parcels=1))
            for stream in streams:
                await stream.read()
            each = (server.memory_kib() - before) // len(streams)
            for number in range(1, 11):
                await asyncio.gather(*(stream.write(ask(f"m-{number}", parcels=1)) for stream in streams))
            for number in range(1, 11):
                told = await asyncio.gather(*(stream.read() for stream in streams))
                assert {one.answer.message_id for one in told if isinstance(one, Told)} == {f"m-{number}"}
            for stream in streams:
                stream.cancel()
            return each

    with running() as server:
        each = asyncio.run(crowd(server))

    record_property("kib_per_call", each)
    assert each <= MOST_KIB_PER_CALL
