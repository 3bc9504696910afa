"""Streams as clients see them: a real server in a process of its own, and clients that come back."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES
from starlette.requests import Request

from depot_board.feed import KEPT, Feed
from depot_board.streams import Streams
from depot_board.telemetry import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Message

PATIENCE_SECONDS = 60
# As docs/adr/0001-compute-tier.md counts with.
MOST_KIB_PER_STREAM = 100


@dataclass(frozen=True, slots=True)
class Server:
    """A task: its process and where it listens."""

    process: subprocess.Popen[str]
    port: int
    answers: list[http.client.HTTPResponse] = field(default_factory=list)

    def ask(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        # So that whoever closes the answer leaves.
        sent = {"connection": "close", **{name.replace("_", "-"): text for name, text in headers.items()}}
        connection.request(method, path, headers=sent)
        self.answers.append(connection.getresponse())
        return self.answers[-1]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> tuple[int, list[dict[str, Any]]]:
        """Wait for the end, and return the exit code and everything that was said."""
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, [json.loads(line) for line in said.splitlines()]

    def memory_kib(self) -> int:
        [line] = [
            line
            for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
            if line.startswith("VmRSS:")
        ]
        return int(line.split()[1])


@contextlib.contextmanager
def running(**changed: str) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {**os.environ, **VARIABLES, "PORT": str(port), "PYTHONPATH": os.pathsep.join(sys.path), **changed}
    command = [sys.executable, "-m", "depot_board"]
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True) as process:
        server = Server(process, port)
        try:
            until_ready(server)
            yield server
        finally:
            for answer in server.answers:
                answer.close()
            process.kill()


def until_ready(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with contextlib.suppress(OSError):
            if server.ask("/ready").status == 200:
                return
        assert server.process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not get ready"
        time.sleep(0.05)


def events(stream: http.client.HTTPResponse, count: int) -> list[dict[str, str]]:
    """Return the next events of a stream, their fields by name; what has no data is none."""
    found: list[dict[str, str]] = []
    fields: dict[str, str] = {}
    while len(found) < count and (line := stream.readline().decode()):
        name, _, text = line.rstrip("\n").partition(": ")
        if name:
            fields[name] = text
            continue
        found += [fields] if "data" in fields else []
        fields = {}
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def test_a_stream_begins_at_the_newest_and_goes_on(server: Server) -> None:
    stream = server.ask("/events")

    first, second = events(stream, 2)

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert int(second["id"]) == int(first["id"]) + 1
    assert abs(int(first["id"]) - time.time()) < 5


def test_a_client_that_comes_back_goes_on_after_the_event_that_it_has(server: Server) -> None:
    [newest] = events(server.ask("/events"), 1)
    has = int(newest["id"]) - 100

    came = events(server.ask("/events", last_event_id=str(has)), 100)

    assert [int(event["id"]) for event in came] == list(range(has + 1, has + 101))


def test_a_client_that_was_away_for_too_long_is_told_what_it_missed(server: Server) -> None:
    [newest] = events(server.ask("/events"), 1)
    has = int(newest["id"]) - 2 * KEPT

    missed, first = events(server.ask("/events", last_event_id=str(has)), 2)

    assert missed["event"] == "missed"
    assert json.loads(missed["data"])["events"] == int(first["id"]) - has - 1 >= KEPT - 5


@pytest.mark.parametrize(("has", "status"), [("x", 400), ("-1", 400), ("1" * 16, 400), ("9" * 15, 200)])
def test_an_id_that_is_none_is_refused_and_one_that_is_to_come_is_the_newest(
    server: Server, has: str, status: int
) -> None:
    stream = server.ask("/events", last_event_id=has)

    assert stream.status == status
    if status == 200:
        [event] = events(stream, 1)
        assert abs(int(event["id"]) - time.time()) < 5


def test_one_stream_too_many_is_told_to_come_later_and_a_place_that_is_left_is_free() -> None:
    with running(STREAMS_AT_MOST="1") as server:
        first = server.ask("/events")
        refused, head = server.ask("/events"), server.ask("/events", "HEAD")
        ready = server.ask("/ready").status
        events(first, 1)
        first.close()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (second := server.ask("/events")).status == 503 and time.monotonic() < deadline:
            time.sleep(0.1)

        assert events(second, 1)

    assert (refused.status, refused.headers["Retry-After"], head.status) == (503, "5", 503)
    assert ready == 200, "a full task stays in service"


def test_a_task_that_ends_ends_its_streams_and_says_when_to_come_back() -> None:
    with running(DRAIN_SECONDS="4") as server:
        streams = [server.ask("/events") for _ in range(2)]
        for stream in streams:
            events(stream, 1)

        server.stop()

        rests = [stream.read().decode() for stream in streams]
        code, said = server.ended()

    retries = [rest.rstrip("\n").splitlines()[-1] for rest in rests]
    assert all(retry.startswith("retry: ") for retry in retries)
    assert (code, said[-1]["message"]) == (0, "stopped")


def test_streams_and_events_are_counted() -> None:
    with running() as server:
        events(server.ask("/events"), 2)
        server.stop()

        _, said = server.ended()

    counted = [line for line in said if "_aws" in line]
    assert counted[0]["Streams"] == 0, "scaling needs the number from the start"
    assert counted[-1]["Events"] >= 2
    assert counted[-1]["Delay"] < 5
    [directive] = counted[-1]["_aws"]["CloudWatchMetrics"]
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units == {"Streams": "Count", "Events": "Count", "Delay": "Seconds"}


def test_a_restart_loses_no_event_and_sends_none_twice() -> None:
    async def listen(ports: list[int], until: float) -> list[int]:
        """Listen until an event is due; whoever is sent away goes on elsewhere, after the last event."""
        seen: list[int] = []
        while not seen or seen[-1] < until:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
                has = f"last-event-id: {seen[-1]}\r\n" if seen else ""
                writer.write(f"GET /events HTTP/1.1\r\nhost: here\r\n{has}\r\n".encode())
                while not seen or seen[-1] < until:
                    line = await reader.readuntil(b"\n")
                    seen += [int(line[4:])] if line.startswith(b"id: ") else []
                    if line == b"0\r\n":
                        break
                writer.close()
            ports.append(ports.pop(0))
        return seen

    async def restart(old: Server, new: Server) -> list[list[int]]:
        until = time.time() + 4
        listening = [asyncio.create_task(listen([old.port, new.port], until)) for _ in range(20)]
        await asyncio.sleep(1)
        old.stop()
        return await asyncio.gather(*listening)

    with running(DRAIN_SECONDS="2") as old, running() as new:
        everything = asyncio.run(restart(old, new))
        assert old.ended()[0] == 0

    for seen in everything:
        assert seen == list(range(seen[0], seen[0] + len(seen)))


@dataclass
class Client:
    """A client that takes a piece when it is told to, straight from the application."""

    streams: Streams
    takes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    took: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def listen(self) -> None:
        scope = {"type": "http", "method": "GET", "path": "/events", "headers": [], "query_string": b""}
        response = await self.streams.open(Request(scope))
        await response({**scope, "asgi": {"spec_version": "2.3"}}, self._receive, self._send)

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.takes.acquire()
        self.took.put_nowait(message.get("body", b""))


def test_a_client_that_does_not_read_takes_no_memory_and_misses_what_is_gone() -> None:
    feed = Feed()
    feed.add(0)
    streams = Streams(feed, Counts("test"), at_most=1)

    async def play() -> list[bytes]:
        client = Client(streams)
        listening = asyncio.create_task(client.listen())
        # The head, when to come back, and the first event; then it reads nothing for a long time.
        for _ in range(3):
            client.takes.release()
        began = [await client.took.get() for _ in range(3)]
        for number in range(1, 10 * KEPT):
            feed.add(number)
            streams.tell()
            await asyncio.sleep(0)
        for _ in range(4):
            client.takes.release()
        async with asyncio.timeout(PATIENCE_SECONDS):
            went_on = [await client.took.get() for _ in range(4)]
        client.gone.set()
        await listening
        return [*began, *went_on]

    took = asyncio.run(play())

    # One event was under way; all others stand in the feed, which keeps no more than it does for one who reads.
    assert took[2].startswith(b"id: 0\n")
    assert took[3].startswith(b"id: 1\n")
    assert took[4] == b'event: missed\ndata: {"events":%d}\n\n' % (9 * KEPT - 2)
    assert took[5].startswith(b"id: %d\n" % (9 * KEPT))
    assert len(streams) == 0, "a client that is gone is forgotten"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory as Linux shows it")
def test_a_thousand_streams_are_small_and_each_is_sent_what_all_are(
    record_property: Callable[[str, object], None],
) -> None:
    async def crowd(server: Server) -> int:
        before = server.memory_kib()
        clients: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        for _ in range(20):
            some = [asyncio.open_connection("127.0.0.1", server.port) for _ in range(50)]
            clients += await asyncio.gather(*some)
        for _, writer in clients:
            writer.write(b"GET /events HTTP/1.1\r\nhost: here\r\n\r\n")
        first = [await numbers(reader, 1) for reader, _ in clients]
        each = (server.memory_kib() - before) // len(clients)
        # Three seconds of everything for everybody, while all of them listen.
        rest = await asyncio.gather(*(numbers(reader, 3) for reader, _ in clients))
        for begun, seen in zip(first, rest, strict=True):
            assert seen == list(range(begun[0] + 1, begun[0] + 4))
        for _, writer in clients:
            writer.transport.abort()
        return each

    async def numbers(reader: asyncio.StreamReader, count: int) -> list[int]:
        found: list[int] = []
        while len(found) < count:
            line = await asyncio.wait_for(reader.readuntil(b"\n"), PATIENCE_SECONDS)
            found += [int(line[4:])] if line.startswith(b"id: ") else []
        return found

    with running() as server:
        each = asyncio.run(crowd(server))

    record_property("kib_per_stream", each)
    assert each <= MOST_KIB_PER_STREAM
