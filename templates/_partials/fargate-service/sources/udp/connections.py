"""Who sends datagrams to one task: how many senders there may be, and what each datagram gets.

UDP has no connections. A sender that was heard of within some minutes counts as one: so many the task has memory for.
Each has one datagram in hand; one more that comes meanwhile is dropped, as the network itself may do at any time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from {{ package_name }} import domain, message

if TYPE_CHECKING:
    from {{ package_name }}.telemetry import Counts

__all__ = ["Connections", "Limits"]

logger = logging.getLogger("{{ package_name }}")

Address = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a sender may do.

    Attributes:
        at_most: Senders at the same time.
        at_once: Datagrams that are worked on at the same time.
        message_bytes: The largest datagram.
        silence_seconds: After how long without a datagram a sender is forgotten.
    """

    at_most: int
    at_once: int
    message_bytes: int
    silence_seconds: float


@dataclass(slots=True, kw_only=True)
class Sender:
    """Somebody who was heard of."""

    heard_at: float
    has_one_in_hand: bool = False


class Connections(asyncio.DatagramProtocol):
    """Who was heard of, and who may be."""

    def __init__(self, counts: Counts, limits: Limits) -> None:
        self._counts = counts
        self._limits = limits
        # Work computes; in threads of its own it leaves the event loop to datagrams and health checks.
        self._threads = ThreadPoolExecutor(max_workers=limits.at_once, thread_name_prefix="work")
        # Whoever was heard of last is the last one.
        self._senders: dict[Address, Sender] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self._is_ending = False

    @property
    def takes_more(self) -> bool:
        """Whether anybody may still send here at all; a task that is full stays in service."""
        return not self._is_ending

    def __len__(self) -> int:
        """Return how many senders were heard of of late."""
        self._forget_the_silent()
        return len(self._senders)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go out."""
        if isinstance(transport, asyncio.DatagramTransport):
            self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Take a datagram, or drop it: nobody is kept waiting, and nothing piles up."""
        sender = self._sender(addr)
        if sender is None or sender.has_one_in_hand:
            self._counts.add("refused")
            return
        if len(data) > self._limits.message_bytes:
            self._counts.add("rejected")
            return
        sender.has_one_in_hand = True
        answering = asyncio.get_running_loop().create_task(self._reply(data, addr, sender))
        self._answering.add(answering)
        answering.add_done_callback(self._answering.discard)

    async def end(self, *, within_seconds: float) -> None:
        """Take nothing more, and answer what is in hand. {{ "The load balancer sends everybody to other tasks by now" if has_load_balancer else "Whoever hears nothing looks the name up again" }}."""
        self._is_ending = True
        logger.info("ending", extra={"fields": {"in_hand": len(self._answering)}})
        if self._answering:
            _, late = await asyncio.wait(self._answering, timeout=within_seconds)
            for task in late:
                task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _sender(self, address: Address) -> Sender | None:
        """Return who sends from an address; nothing when there are too many, or when the task ends."""
        if self._is_ending:
            return None
        now = time.monotonic()
        sender = self._senders.pop(address, None)
        if sender is None:
            if len(self._senders) >= self._limits.at_most:
                self._forget_the_silent()
            if len(self._senders) >= self._limits.at_most:
                return None
            sender = Sender(heard_at=now)
        sender.heard_at = now
        self._senders[address] = sender
        return sender

    def _forget_the_silent(self) -> None:
        too_long_ago = time.monotonic() - self._limits.silence_seconds
        while self._senders:
            address, sender = next(iter(self._senders.items()))
            if sender.heard_at > too_long_ago or sender.has_one_in_hand:
                return
            del self._senders[address]

    async def _reply(self, data: bytes, address: Address, sender: Sender) -> None:
        try:
            answer = (await self._answer(data)).encode()
        finally:
            sender.has_one_in_hand = False
        # Who sent it is only what the datagram says. Whoever is named there must never get more than was sent.
        if self._transport is not None and len(answer) <= len(data):
            self._transport.sendto(answer, address)

    async def _answer(self, data: bytes) -> str:
        began = time.monotonic()
        try:
            asked = message.read(data.decode())
        except UnicodeDecodeError:
            self._counts.add("rejected")
            return message.write(message.Refusal(rejected=message.Reason.NOT_JSON, detail=""))
        except message.RejectedError as error:
            self._counts.add("rejected")
            # Short, so that it fits into what was sent.
            return message.write(message.Refusal(rejected=error.reason, detail=""))
        loop = asyncio.get_running_loop()
        tally = await loop.run_in_executor(self._threads, domain.tally, asked.seed, range(asked.parcels))
        self._counts.add("done", time.monotonic() - began)
        return message.write(message.Answer(message_id=asked.message_id, revenue_cents=tally.revenue_cents))
