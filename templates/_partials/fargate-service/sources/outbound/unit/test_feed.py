"""The connection ends, breaks, falls silent: it is opened again, later each time, and goes on where it was."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import TYPE_CHECKING

import pytest
from unit.conftest import FeedServer, order, until

from {{ package_name }} import feed as feeds
from {{ package_name }}.feed import Feed, longest_pause_seconds
from {{ package_name }}.telemetry import Counts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Listener:
    """Takes what is said, when it has room."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.has_room = asyncio.Event()
        self.has_room.set()

    def after(self) -> int | None:
        numbers = [json.loads(text)["sequence"] for text in self.heard]
        return max(numbers, default=None)

    async def take(self, text: str) -> None:
        await self.has_room.wait()
        self.heard.append(text)


def make_feed(url: str, **changed: float) -> Feed:
    limits = {"message_bytes_at_most": 65_536, "silence_seconds": 300, "heartbeat_seconds": 20, **changed}
    return Feed(url, Counts("test"), **limits)  # type: ignore[arg-type]  # numbers of both kinds


@contextlib.asynccontextmanager
async def listening(feed: Feed, listener: Listener) -> AsyncIterator[None]:
    task = asyncio.create_task(feed.listen(listener.after, listener.take))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "FIRST_PAUSE_SECONDS", 0.01)


def test_pauses_double_up_to_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    assert [longest_pause_seconds(failures) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert longest_pause_seconds(10_000) == 60


def test_what_is_said_is_taken_in_order() -> None:
    async def play() -> list[str]:
        async with FeedServer().running() as server:
            feed, listener = make_feed(server.url), Listener()
            assert not feed.was_connected
            async with listening(feed, listener):
                await until(lambda: server.open)
                await until(lambda: feed.is_connected)
                await server.say(*map(order, range(3)))
                await until(lambda: len(listener.heard) == 3)
            # Whoever stops listening says so.
            await until(lambda: server.open[0].close_code == 1000)
            assert not feed.is_connected
            assert feed.was_connected
        return listener.heard

    assert [json.loads(text) for text in asyncio.run(play())] == [order(number) for number in range(3)]


def test_it_connects_again_and_goes_on_where_it_was() -> None:
    async def play() -> tuple[list[str], FeedServer]:
        async with FeedServer(sayings=[order(0), order(1)]).running() as server:
            listener = Listener()
            async with listening(make_feed(server.url), listener):
                await until(lambda: len(listener.heard) == 2)
                # Nobody is connected while it is said.
                server.sayings += [order(2)]
                server.open[0].transport.abort()
                await until(lambda: len(listener.heard) == 3)
        return listener.heard, server

    heard, server = asyncio.run(play())

    assert [json.loads(text)["sequence"] for text in heard] == [0, 1, 2]
    assert [wish.get("after") for wish in server.asked] == [None, 1]


def test_it_tries_again_while_it_is_refused_and_waits_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds: list[tuple[float, float]] = []

    def uniform(least: float, most: float) -> float:
        bounds.append((least, most))
        return 0

    monkeypatch.setattr("random.uniform", uniform)
    monkeypatch.setattr(feeds, "FIRST_PAUSE_SECONDS", 1)

    async def play() -> None:
        async with FeedServer(refuses=True).running() as server:
            listener = Listener()
            async with listening(make_feed(server.url), listener):
                await until(lambda: len(server.asked) > 4)
                server.refuses = False
                server.sayings += [order(0)]
                await until(lambda: listener.heard)

    asyncio.run(play())

    # From nothing up to the bound: whoever was sent away together does not come back together.
    assert bounds[:4] == [(0, 1), (0, 2), (0, 4), (0, 8)]


def test_an_address_at_which_nobody_listens_is_tried_again() -> None:
    async def play() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            counts, port = Counts("test"), taken.getsockname()[1]
            feed = Feed(f"ws://127.0.0.1:{port}/", counts, message_bytes_at_most=1, silence_seconds=1)
            async with listening(feed, Listener()):
                await until(lambda: counts.so_far["disconnected"] > 1)
            assert not feed.was_connected

    asyncio.run(play())


@pytest.mark.parametrize(("silence_seconds", "is_broken"), [(300, True), (0.1, False)], ids=["broken", "silent"])
def test_a_connection_through_which_nothing_comes_is_opened_anew(silence_seconds: float, *, is_broken: bool) -> None:
    async def play() -> None:
        async with FeedServer().running() as server:
            feed = make_feed(server.url, silence_seconds=silence_seconds, heartbeat_seconds=0.2)
            async with listening(feed, Listener()):
                await until(lambda: server.open)
                if is_broken:
                    # It is open, and nobody answers a ping.
                    server.open[0].transport.pause_reading()
                await until(lambda: len(server.open) > 1)

    asyncio.run(play())


def test_a_feed_that_answers_pings_may_be_silent() -> None:
    async def play() -> int:
        async with FeedServer().running() as server:
            async with listening(make_feed(server.url, heartbeat_seconds=0.05), Listener()):
                await until(lambda: server.open)
                await asyncio.sleep(0.5)
            return len(server.open)

    assert asyncio.run(play()) == 1


def test_a_feed_that_says_more_than_is_taken_has_to_wait() -> None:
    async def play() -> tuple[int, int]:
        async with FeedServer().running() as server:
            listener = Listener()
            listener.has_room.clear()
            async with listening(make_feed(server.url), listener):
                await until(lambda: server.open)
                text = json.dumps(order(1, filling="x" * 60_000))
                sent = 0
                # What nobody reads piles up in the network on both sides, and then sending waits.
                with contextlib.suppress(TimeoutError):
                    while sent < 2_000:
                        await asyncio.wait_for(server.open[0].send(text), timeout=1)
                        sent += 1
                listener.has_room.set()
                await until(lambda: len(listener.heard) >= sent)
            return sent, len(server.asked)

    sent, connections = asyncio.run(play())

    assert 10 < sent < 2_000, "everything is read and kept"
    assert connections == 1


def test_a_message_that_is_too_large_ends_the_connection_with_its_code() -> None:
    async def play() -> int | None:
        async with FeedServer().running() as server:
            async with listening(make_feed(server.url, message_bytes_at_most=1_000), Listener()):
                await until(lambda: server.open)
                await server.say("x" * 1_001)
                await until(lambda: server.open[0].close_code)
            return server.open[0].close_code

    assert asyncio.run(play()) == 1009
