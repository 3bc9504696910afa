"""Datagrams as senders see them: a real server in a process of its own, and real senders."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from unit.running import PATIENCE_SECONDS, Server, running, until

from forecast_beacon import domain
from forecast_beacon.connections import Connections, Limits
from forecast_beacon.telemetry import Counts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

# As docs/adr/0001-compute-tier.md counts with; what Python itself takes for each is a fraction of it.
MOST_KIB_PER_SENDER = 100


class Client:
    """Somebody who sends, and sends again when nothing comes back."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.connect(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, text: str | bytes) -> None:
        self.socket.send(text if isinstance(text, bytes) else text.encode())

    def receive(self, seconds: float = PATIENCE_SECONDS) -> dict[str, Any] | None:
        """Return what is said; nothing when nothing is."""
        self.socket.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            told: dict[str, Any] = json.loads(self.socket.recv(65_536))
            return told
        return None

    def insist(self, text: str) -> dict[str, Any]:
        """Send something until it is answered."""
        for _ in range(PATIENCE_SECONDS):
            self.send(text)
            if (told := self.receive(1)) is not None:
                return told
        pytest.fail("nobody answers")


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def ask(message_id: str = "m-1", parcels: int = 250) -> str:
    return json.dumps({"version": 1, "message_id": message_id, "seed": 7, "parcels": parcels})


def answer(message_id: str = "m-1", parcels: int = 250) -> dict[str, object]:
    return {"message_id": message_id, "revenue_cents": domain.tally(7, range(parcels)).revenue_cents}


@contextlib.asynccontextmanager
async def served(connections: Connections) -> AsyncIterator[tuple[str, int]]:
    """Serve in this process."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: connections, local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")
    finally:
        transport.close()


class Remembering(Counts):
    """Counts, and remembers what."""

    def __init__(self) -> None:
        super().__init__("test")
        self.so_far: Counter[str] = Counter()

    def add(self, outcome: str, seconds: float = 0) -> None:
        self.so_far[outcome] += 1
        super().add(outcome, seconds)


def make(**changed: float) -> tuple[Connections, Remembering]:
    limits = {"at_most": 2, "at_once": 1, "message_bytes": 1_200, "silence_seconds": 60, **changed}
    counts = Remembering()
    return Connections(counts, Limits(**limits)), counts  # type: ignore[arg-type]  # numbers of both kinds


def test_a_datagram_is_answered_and_one_that_cannot_be_read_holds_up_no_other(server: Server) -> None:
    with Client(server.address) as client:
        client.send("this is no JSON, and is as long as what it is answered with")
        refused = client.receive()

        told = client.insist(ask())

    assert refused is not None
    assert refused["rejected"] == "not_json"
    assert told == answer()


@pytest.mark.parametrize(
    "sent",
    [b"", b"?", b"\xff", b"{}", b"x" * 1_201, json.dumps({"version": 1, "message_id": "m", "seed": 7}).encode()],
    ids=["nothing", "short", "no text", "no message", "too large", "wrong shape"],
)
def test_no_answer_is_longer_than_what_was_sent(sent: bytes, server: Server) -> None:
    with Client(server.address) as client:
        client.send(sent)
        client.socket.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            assert len(client.socket.recv(65_536)) <= len(sent)

        assert client.insist(ask()) == answer()


def test_one_sender_too_many_is_dropped_and_a_place_that_is_left_is_free() -> None:
    async def play() -> list[dict[str, Any] | None]:
        connections, counts = make(at_most=2, silence_seconds=0.5)
        async with served(connections) as address:
            with Client(address) as first, Client(address) as second, Client(address) as third:
                told: list[dict[str, Any] | None] = [
                    await asyncio.to_thread(client.insist, ask()) for client in (first, second)
                ]
                third.send(ask())
                told.append(await asyncio.to_thread(third.receive, 0.2))
                assert (len(connections), counts.so_far["refused"]) == (2, 1)
                await asyncio.sleep(0.6)
                assert len(connections) == 0
                told.append(await asyncio.to_thread(third.insist, ask()))
        return told

    assert asyncio.run(play()) == [answer(), answer(), None, answer()]


def test_a_sender_has_one_in_hand_and_the_next_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, tally = threading.Event(), domain.tally

    def slow(seed: int, numbers: range) -> domain.Tally:
        assert goes_on.wait(PATIENCE_SECONDS)
        return tally(seed, numbers)

    monkeypatch.setattr(domain, "tally", slow)

    async def play() -> list[dict[str, Any] | None]:
        connections, counts = make()
        async with served(connections) as address:
            with Client(address) as greedy, Client(address) as other:
                for number in range(5):
                    greedy.send(ask(f"m-{number}"))
                other.send(ask("o-1"))
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while counts.so_far["refused"] < 4:  # noqa: ASYNC110  the other side has no event
                        await asyncio.sleep(0.01)
                goes_on.set()
                first = await asyncio.to_thread(greedy.receive)
                told = [first, await asyncio.to_thread(other.receive)]
                # Its hands are free again.
                told.append(await asyncio.to_thread(greedy.insist, ask("m-9")))
        return told

    assert asyncio.run(play()) == [answer("m-0"), answer("o-1"), answer("m-9")]


def test_a_task_that_ends_answers_what_is_in_hand_and_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, tally = threading.Event(), domain.tally

    def slow(seed: int, numbers: range) -> domain.Tally:
        assert goes_on.wait(PATIENCE_SECONDS)
        return tally(seed, numbers)

    monkeypatch.setattr(domain, "tally", slow)

    async def play() -> list[dict[str, Any] | None]:
        connections, _ = make()
        async with served(connections) as address:
            with Client(address) as early, Client(address) as late:
                early.send(ask())
                await asyncio.sleep(0.2)
                ending = asyncio.create_task(connections.end(within_seconds=PATIENCE_SECONDS))
                await asyncio.sleep(0.1)
                assert not connections.takes_more
                late.send(ask())
                goes_on.set()
                told = [await asyncio.to_thread(early.receive), await asyncio.to_thread(late.receive, 0.3)]
                await ending
        return told

    assert asyncio.run(play()) == [answer(), None]


def test_a_task_that_is_told_to_stop_ends_and_was_alive_and_ready_before(server: Server) -> None:
    healthy = [server.health(question) for question in ("/ready", "/alive")]
    server.stop()
    code, said = server.ended()

    assert healthy == [200, 200]
    assert (code, said[-1]["message"]) == (0, "stopped")


def test_senders_and_datagrams_are_counted(server: Server) -> None:
    with Client(server.address) as client:
        client.insist(ask())
        client.send("this is no JSON, and is as long as what it is answered with")
        client.receive()
        server.stop()
        _, said = server.ended()

    counted = [line for line in said if "_aws" in line]
    assert counted[0]["Connections"] == 0, "scaling needs the number from the start"
    assert (counted[-1]["Connections"], counted[-1]["Messages"], counted[-1]["Rejected"]) == (1, 1, 1)
    assert len(counted[-1]["Seconds"]) == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory as Linux shows it")
def test_a_thousand_senders_are_small_and_a_spike_of_datagrams_is_answered(
    record_property: Callable[[str, object], None],
) -> None:
    with running() as server, contextlib.ExitStack() as opened:
        clients = [opened.enter_context(Client(server.address)) for _ in range(1_000)]
        before = server.memory_kib()
        for client in clients:
            client.send(b"?")
        time.sleep(0.5)
        each = (server.memory_kib() - before) / len(clients)
        unanswered = set(clients)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while unanswered and time.monotonic() < deadline:
            for client in unanswered:
                client.send(ask(parcels=1))
            time.sleep(0.5)
            unanswered = {client for client in unanswered if client.receive(0.001) is None}
        server.stop()
        until(lambda: server.process.poll() is not None)
        _, said = server.ended()

    record_property("kib_per_sender", each)
    assert not unanswered
    assert max(line.get("Connections", 0) for line in said) == 1_000
    assert each <= MOST_KIB_PER_SENDER
