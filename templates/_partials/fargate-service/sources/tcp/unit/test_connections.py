"""Connections as clients see them: a real server in a process of its own, and a real client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from unit.running import PATIENCE_SECONDS, Server, running, until

from {{ package_name }} import domain
from {{ package_name }}.connections import Connections, Limits
from {{ package_name }}.frames import HEADER_BYTES, framed
from {{ package_name }}.telemetry import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# As docs/adr/{{ record_file }} counts with; what Python itself takes for each is a fraction of it.
MOST_KIB_PER_CONNECTION = 100
PARTING_SECONDS = 5


class Client:
    """Somebody who is connected."""

    def __init__(self, server: Server, *, received_bytes_kept: int | None = None) -> None:
        self.socket = socket.socket()
        if received_bytes_kept is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received_bytes_kept)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect(server.address)
        self._read = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._read.close()
        self.socket.close()

    def send(self, text: str) -> None:
        self.socket.sendall(framed(text.encode()))

    def receive(self) -> dict[str, Any] | None:
        """Return what is said; nothing at the end of the connection."""
        header = self._read.read(HEADER_BYTES)
        return json.loads(self._read.read(int.from_bytes(header, "big"))) if header else None


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def ask(message_id: str = "m-1", parcels: int = 250) -> str:
    return json.dumps({"version": 1, "message_id": message_id, "seed": 7, "parcels": parcels})


def answer(message_id: str = "m-1", parcels: int = 250) -> dict[str, object]:
    return {"message_id": message_id, "revenue_cents": domain.tally(7, range(parcels)).revenue_cents}


def test_a_message_is_answered_and_one_that_cannot_be_read_holds_up_no_other(server: Server) -> None:
    with Client(server) as client:
        client.send("no JSON")
        client.socket.sendall(framed(b"\xff"))
        client.send("")
        client.send(ask())

        answers = [client.receive() for _ in range(4)]

    assert [one["rejected"] for one in answers[:3] if one] == ["not_json"] * 3
    assert answers[3] == answer()


def test_a_message_that_is_too_large_ends_the_connection_with_a_word(server: Server) -> None:
    with Client(server) as client:
        began = time.monotonic()
        client.send(ask())
        client.send("x" * 65_537)

        said = [client.receive() for _ in range(3)]

    assert time.monotonic() - began < PARTING_SECONDS, "the client is not told that this is the end"
    # The end comes behind the answer, and takes nothing of it with it.
    assert said[0] == answer()
    assert said[1] is not None
    assert (said[1]["rejected"], said[2]) == ("too_large", None)


def test_one_connection_too_many_is_told_to_come_later_and_a_place_that_is_left_is_free() -> None:
    with running(CONNECTIONS_AT_MOST="1") as server:
        with Client(server) as first:
            first.send(ask())
            assert first.receive() == answer()
            with Client(server) as second:
                refused = [second.receive(), second.receive()]
        until(lambda: answered(server))
        assert server.health("/ready") == 200, "a full task stays in service"

    assert refused[0] is not None
    assert (refused[0]["rejected"], refused[1]) == ("full", None)


def answered(server: Server) -> bool:
    with Client(server) as client:
        client.send(ask())
        return client.receive() == answer()


def test_a_client_that_does_not_read_is_not_read_either(server: Server) -> None:
    with Client(server, received_bytes_kept=4_096) as greedy:
        greedy.socket.settimeout(2)
        sent = 0
        # What nobody reads piles up in the network on both sides, and then sending waits.
        with contextlib.suppress(TimeoutError):
            while sent < 1_000_000:
                greedy.send(ask(f"m-{sent}" + "x" * 80, parcels=1))
                sent += 1
        assert answered(server)

    assert sent < 1_000_000, "the server reads on and keeps what it cannot send"


def test_a_client_that_leaves_answers_unread_is_shown_out() -> None:
    limits = Limits(at_most=1, at_once=1, message_bytes=1_000, silence_seconds=60, send_seconds=0.3)
    connections = Connections(Counts("test"), limits)

    async def play() -> None:
        loop = asyncio.get_running_loop()
        # Little room in the network, on both sides.
        door = socket.create_server(("127.0.0.1", 0))
        door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
        async with await asyncio.start_server(connections.hold, sock=door):
            with socket.socket() as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                client.settimeout(0)
                await loop.sock_connect(client, door.getsockname())
                async with asyncio.timeout(20):
                    with contextlib.suppress(ConnectionError):
                        while True:
                            await loop.sock_sendall(client, framed(ask(parcels=1).encode()))

    asyncio.run(play())

    assert len(connections) == 0


def test_silence_is_an_end() -> None:
    with running(SILENCE_SECONDS="1") as server, Client(server) as client:
        began = time.monotonic()
        client.send(ask())

        assert client.receive() == answer()
        assert client.receive() is None
        assert 0.9 <= time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("sent", "reason"), [(framed(b"half")[:6], "too_slow"), (b"", None)], ids=["half a message", "nothing"]
)
def test_whoever_holds_a_place_without_need_is_shown_out(sent: bytes, reason: str | None) -> None:
    limits = Limits(at_most=1, at_once=1, message_bytes=100, silence_seconds=0.2, message_seconds=0.2)
    connections = Connections(Counts("test"), limits)

    async def play() -> bytes:
        async with await asyncio.start_server(connections.hold, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(sent)
            said = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
            writer.close()
            return said

    said = asyncio.run(play())[HEADER_BYTES:]

    assert (json.loads(said)["rejected"] if said else None) == reason


def test_a_task_that_ends_is_alive_but_not_ready_and_asks_its_clients_to_come_back() -> None:
    with running(DRAIN_SECONDS="6") as server, Client(server) as first, Client(server) as second:
        for client in (first, second):
            client.send(ask())
            assert client.receive() == answer()
        second.send(ask("m-2"))
        began = time.monotonic()

        server.stop()

        until(lambda: server.health("/ready") == 503)
        alive = server.health("/alive")
        assert second.receive() == answer("m-2")
        parted = []
        for client in (first, second):
            parted.append((client.receive(), client.receive()))
            client.socket.close()
        code, said = server.ended()

    assert alive == 200
    assert [(one and one["rejected"], end) for one, end in parted] == [("moving", None)] * 2
    assert (code, said[-1]["message"]) == (0, "stopped")
    assert time.monotonic() - began < 20


def test_a_message_in_hand_is_answered_before_the_good_bye(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, goes_on, tally = threading.Event(), threading.Event(), domain.tally

    def slow(seed: int, numbers: range) -> domain.Tally:
        begun.set()
        assert goes_on.wait(PATIENCE_SECONDS)
        return tally(seed, numbers)

    monkeypatch.setattr(domain, "tally", slow)
    connections = Connections(Counts("test"), Limits(at_most=1, at_once=1, message_bytes=1_000, silence_seconds=60))

    wrong: list[object] = []

    async def play() -> list[dict[str, Any]]:
        asyncio.get_running_loop().set_exception_handler(lambda _, about: wrong.append(about))
        async with await asyncio.start_server(connections.hold, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(framed(ask().encode()) + framed(ask("m-2").encode()))
            await asyncio.to_thread(begun.wait, PATIENCE_SECONDS)
            ending = asyncio.create_task(connections.end(within_seconds=PATIENCE_SECONDS))
            await asyncio.sleep(0.3)
            goes_on.set()
            said = []
            with contextlib.suppress(asyncio.IncompleteReadError):
                while True:
                    said.append(json.loads(await asyncio.wait_for(frame_of(reader), PATIENCE_SECONDS)))
            writer.close()
            await ending
            return said

    said = asyncio.run(play())

    # What waited behind it has no answer, so the client sends it again elsewhere.
    assert said[0] == answer()
    assert [one["rejected"] for one in said[1:]] == ["moving"]
    assert not wrong


def test_a_client_that_does_not_hang_up_holds_up_no_end() -> None:
    with running(DRAIN_SECONDS="3") as server, Client(server) as client:
        client.send(ask())
        client.receive()
        server.stop()
        code, _ = server.ended()

    assert code == 0


def test_connections_and_messages_are_counted(server: Server) -> None:
    with Client(server) as client:
        client.send(ask())
        client.receive()
        client.send("no JSON")
        client.receive()
    server.stop()

    _, said = server.ended()

    counted = [line for line in said if "_aws" in line]
    assert counted[0]["Connections"] == 0, "scaling needs the number from the start"
    assert (counted[-1]["Messages"], counted[-1]["Rejected"]) == (1, 1)
    assert len(counted[-1]["Seconds"]) == 1
    [directive] = counted[-1]["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"] for metric in directive["Metrics"]} == {"Connections", "Messages", "Rejected", "Seconds"}


async def talk(servers: list[Server], messages: int, partings: list[str]) -> dict[str, object]:
    """Ask until everything is answered; whoever is sent away goes on elsewhere, at what has no answer."""
    answers: dict[str, object] = {}
    while len(answers) < messages:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(*servers[0].address)
            while len(answers) < messages:
                name = f"m-{len(answers)}"
                writer.write(framed(ask(name, parcels=len(answers) + 1).encode()))
                said = json.loads(await frame_of(reader))
                if "rejected" in said:
                    partings.append(said["rejected"])
                    break
                answers[name] = said
                await asyncio.sleep(0.01)
            writer.close()
        servers = [*servers[1:], servers[0]]
    return answers


async def frame_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(HEADER_BYTES), "big"))


def test_a_rolling_restart_loses_no_message_that_was_answered_and_no_client() -> None:
    partings: list[str] = []

    async def restart(old: Server, new: Server) -> list[dict[str, object]]:
        talking = [asyncio.create_task(talk([old, new], 150, partings)) for _ in range(20)]
        await asyncio.sleep(0.5)
        old.stop()
        return await asyncio.gather(*talking)

    with running(DRAIN_SECONDS="2") as old, running() as new:
        everything = asyncio.run(restart(old, new))
        assert old.ended()[0] == 0

    right = {name: answer(name, number + 1) for number, name in enumerate(f"m-{number}" for number in range(150))}
    assert all(answers == right for answers in everything)
    assert set(partings) == {"moving"}
    assert len(partings) >= 20, "a connection broke off"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory as Linux shows it")
def test_a_thousand_silent_connections_are_small_and_a_spike_of_messages_is_answered(
    record_property: Callable[[str, object], None],
) -> None:
    async def crowd(server: Server) -> int:
        before = server.memory_kib()
        clients: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        for _ in range(20):
            clients += await asyncio.gather(*(asyncio.open_connection(*server.address) for _ in range(50)))
        until(lambda: server.health("/ready") == 200)
        each = (server.memory_kib() - before) // len(clients)
        for _, writer in clients:
            writer.write(b"".join(framed(ask(f"m-{number}", parcels=1).encode()) for number in range(10)))
        for number in range(10):
            told = await asyncio.gather(*(frame_of(reader) for reader, _ in clients))
            assert {json.loads(text)["message_id"] for text in told} == {f"m-{number}"}
        for _, writer in clients:
            writer.close()
        return each

    with running() as server:
        each = asyncio.run(crowd(server))

    record_property("kib_per_connection", each)
    assert each <= MOST_KIB_PER_CONNECTION
