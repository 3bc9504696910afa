"""Connections as clients see them: a real server in a process of its own, and a real client."""

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
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as connect_now

from forecast_desk import domain
from forecast_desk.connections import Connections
from forecast_desk.telemetry import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.asyncio.client import ClientConnection
    from websockets.sync.client import ClientConnection as NowConnection

PATIENCE_SECONDS = 60
# As docs/adr/0001-compute-tier.md counts with; what Python itself takes for each is about a quarter of it.
MOST_KIB_PER_CONNECTION = 100
RESTART, UNSUPPORTED, TOO_BIG = 1012, 1003, 1009


@dataclass(frozen=True, slots=True)
class Server:
    """A task: its process and where it listens."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/connect"

    def health(self, name: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{name}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

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
    command = [sys.executable, "-m", "forecast_desk"]
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True) as process:
        try:
            server = Server(process, port)
            until_ready(server)
            yield server
        finally:
            process.kill()


def until_ready(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with contextlib.suppress(OSError):
            if server.health("ready") == 200:
                return
        assert server.process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not get ready"
        time.sleep(0.05)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def code_at_the_end(client: NowConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as ended:
        client.recv(PATIENCE_SECONDS)
    return ended.value.rcvd.code if ended.value.rcvd else None


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def ask(message_id: str = "m-1", parcels: int = 250) -> str:
    return json.dumps({"version": 1, "message_id": message_id, "seed": 7, "parcels": parcels})


def answer(message_id: str = "m-1", parcels: int = 250) -> dict[str, object]:
    return {"message_id": message_id, "revenue_cents": domain.tally(7, range(parcels)).revenue_cents}


def test_a_message_is_answered_and_one_that_cannot_be_read_holds_up_no_other(server: Server) -> None:
    with connect_now(server.url) as client:
        client.send("no JSON")
        client.send(ask())

        answers = [json.loads(client.recv(PATIENCE_SECONDS)) for _ in range(2)]

    assert answers[0]["rejected"] == "not_json"
    assert answers[1] == answer()


@pytest.mark.parametrize(
    ("sent", "code"),
    [("x" * 65_537, TOO_BIG), (b"bytes", UNSUPPORTED)],
    ids=["too big", "no text"],
)
def test_what_is_not_allowed_ends_the_connection_with_its_code(server: Server, sent: str | bytes, code: int) -> None:
    with connect_now(server.url) as client:
        client.send(sent)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(PATIENCE_SECONDS)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


def test_one_connection_too_many_is_told_to_come_later_and_a_place_that_is_left_is_free() -> None:
    with running(CONNECTIONS_AT_MOST="1") as server:
        with connect_now(server.url) as first:
            with pytest.raises(InvalidStatus) as refused, connect_now(server.url):
                pass
            first.send(ask())
            assert json.loads(first.recv(PATIENCE_SECONDS)) == answer()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(InvalidStatus), connect_now(server.url) as second:
                second.send(ask())
                assert json.loads(second.recv(PATIENCE_SECONDS)) == answer()
                break

        assert server.health("ready") == 200, "a full task stays in service"

    response = refused.value.response
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


def test_a_client_that_does_not_read_is_not_read_either(server: Server) -> None:
    async def send_for_ever() -> int:
        sent = 0
        async with connect(server.url, max_queue=1, ping_interval=None) as client:
            # What nobody reads piles up in the network on both sides, and then sending waits.
            with contextlib.suppress(TimeoutError):
                while sent < 1_000_000:
                    await asyncio.wait_for(client.send(ask(f"m-{sent}" + "x" * 80, parcels=1)), timeout=3)
                    sent += 1
            client.transport.abort()
        return sent

    sent = asyncio.run(send_for_ever())

    assert sent < 1_000_000, "the server reads on and keeps what it cannot send"
    with connect_now(server.url) as other:
        other.send(ask())
        assert json.loads(other.recv(PATIENCE_SECONDS)) == answer()


def test_a_task_that_ends_is_alive_but_not_ready_and_asks_its_clients_to_come_back() -> None:
    with running(DRAIN_SECONDS="6") as server, contextlib.ExitStack() as opened:
        clients = [opened.enter_context(connect_now(server.url)) for _ in range(2)]
        clients[1].send(ask())
        began = time.monotonic()

        server.stop()

        answered = json.loads(clients[1].recv(PATIENCE_SECONDS))
        until(lambda: server.health("ready") == 503)
        alive = server.health("alive")
        closed = [code_at_the_end(client) for client in clients]
        code, said = server.ended()

    assert (answered, alive) == (answer(), 200)
    assert closed == [RESTART, RESTART]
    assert (code, said[-1]["message"]) == (0, "stopped")
    assert time.monotonic() - began < 20


def test_connections_and_messages_are_counted(server: Server) -> None:
    with connect_now(server.url) as client:
        client.send(ask())
        client.recv(PATIENCE_SECONDS)
        client.send("no JSON")
        client.recv(PATIENCE_SECONDS)
    server.stop()

    _, said = server.ended()

    counted = [line for line in said if "_aws" in line]
    assert counted[0]["Connections"] == 0, "scaling needs the number from the start"
    assert (counted[0]["Quiet"], counted[-1]["Quiet"]) == (0, 0), "the alarm that puts it to sleep would stay on"
    assert (counted[-1]["Messages"], counted[-1]["Rejected"]) == (1, 1)
    assert len(counted[-1]["Seconds"]) == 1
    [directive] = counted[-1]["_aws"]["CloudWatchMetrics"]
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units.keys() == {"Connections", "Messages", "Rejected", "Quiet", "Seconds"}
    assert {name for name, unit in units.items() if unit == "Seconds"} == {"Quiet", "Seconds"}


def test_a_task_is_quiet_while_nobody_is_connected_and_at_no_other_time() -> None:
    connections = Connections(Counts("test"), at_most=1, at_once=1)
    heard: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    async def tell(_: object) -> None:
        """Nobody listens."""

    async def play() -> list[float]:
        quiet = [connections.quiet_seconds]
        client = WebSocket({"type": "websocket"}, receive=heard.get, send=tell)
        holding = asyncio.create_task(connections.hold(client))
        await heard.put({"type": "websocket.connect"})
        await asyncio.sleep(0.2)
        quiet.append(connections.quiet_seconds)
        await heard.put({"type": "websocket.disconnect"})
        await holding
        quiet.append(connections.quiet_seconds)
        await asyncio.sleep(0.1)
        quiet.append(connections.quiet_seconds)
        await connections.end(within_seconds=1)
        return [*quiet, connections.quiet_seconds]

    begun, connected, left, deserted, ended = asyncio.run(play())

    assert (connected, ended) == (0, 0)
    assert begun > 0
    assert 0 < left < 0.1 <= deserted


def test_a_rolling_restart_loses_no_message_that_was_answered_and_no_client() -> None:
    sent_away: list[int | None] = []

    async def work(urls: list[str], messages: int) -> dict[str, object]:
        """Ask until everything is answered; whoever is sent away goes on elsewhere, at what has no answer."""
        answers: dict[str, object] = {}
        while len(answers) < messages:
            with contextlib.suppress(OSError, InvalidStatus):
                async with connect(urls[0]) as client:
                    try:
                        while len(answers) < messages:
                            name = f"m-{len(answers)}"
                            await client.send(ask(name, parcels=len(answers) + 1))
                            answers[name] = json.loads(await client.recv())
                            await asyncio.sleep(0.01)
                    except ConnectionClosed as closed:
                        sent_away.append(closed.rcvd.code if closed.rcvd else None)
            urls.append(urls.pop(0))
        return answers

    async def restart(old: Server, new: Server) -> list[dict[str, object]]:
        working = [asyncio.create_task(work([old.url, new.url], 150)) for _ in range(20)]
        await asyncio.sleep(0.5)
        old.stop()
        return await asyncio.gather(*working)

    with running(DRAIN_SECONDS="2") as old, running() as new:
        everything = asyncio.run(restart(old, new))
        assert old.ended()[0] == 0

    right = {name: answer(name, number + 1) for number, name in enumerate(f"m-{number}" for number in range(150))}
    assert all(answers == right for answers in everything)
    assert set(sent_away) == {RESTART}, "a connection broke off"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory as Linux shows it")
def test_a_thousand_silent_connections_are_small_and_a_spike_of_messages_is_answered(
    record_property: Callable[[str, object], None],
) -> None:
    async def crowd(server: Server) -> int:
        before = server.memory_kib()
        clients: list[ClientConnection] = []
        for _ in range(20):
            clients += await asyncio.gather(*(connect(server.url, ping_interval=None) for _ in range(50)))
        each = (server.memory_kib() - before) // len(clients)
        for round_number in range(10):
            await asyncio.gather(*(client.send(ask(f"m-{round_number}", parcels=1)) for client in clients))
        for round_number in range(10):
            told = await asyncio.gather(*(client.recv() for client in clients))
            assert {json.loads(text)["message_id"] for text in told} == {f"m-{round_number}"}
        for client in clients:
            client.transport.abort()
        return each

    with running() as server:
        each = asyncio.run(crowd(server))

    record_property("kib_per_connection", each)
    assert each <= MOST_KIB_PER_CONNECTION
