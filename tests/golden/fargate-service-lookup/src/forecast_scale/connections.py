"""The connections of one task: how many there may be, what each message gets, and how all of them end.

A connection has one message in hand at a time. While that is worked on, what its client sends next waits: a little
here, the rest in the client's own network. So no client can make a task hold more than a few of its messages.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forecast_scale import domain, message
from forecast_scale.frames import TooLargeError, TooSlowError, framed, read_frame

if TYPE_CHECKING:
    from forecast_scale.telemetry import Counts

__all__ = ["Connections", "Limits"]

logger = logging.getLogger("forecast_scale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may do.

    Attributes:
        at_most: Connections at the same time.
        at_once: Messages that are worked on at the same time.
        message_bytes: The largest message.
        silence_seconds: How long nothing may be said.
        message_seconds: How long a message may take from its first byte to its last.
        send_seconds: How long a client may leave an answer unread.
        parting_seconds: How long it may take to hang up, once it was told that this is the end.
    """

    at_most: int
    at_once: int
    message_bytes: int
    silence_seconds: float
    message_seconds: float = 30
    send_seconds: float = 30
    parting_seconds: float = 5


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """One connection.

    Attributes:
        in_hand: Held while a message is answered.
        is_parting: Whether it was said that this is the end; what still comes is not read.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    in_hand: asyncio.Lock = field(default_factory=asyncio.Lock)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    is_parting: bool = False


class Connections:
    """Who is connected, and who may be."""

    def __init__(self, counts: Counts, limits: Limits) -> None:
        self._counts = counts
        self._limits = limits
        # Work computes; in threads of its own it leaves the event loop to connections and health checks.
        self._threads = ThreadPoolExecutor(max_workers=limits.at_once, thread_name_prefix="work")
        self._open: set[Connection] = set()
        self._is_ending = False

    @property
    def takes_more(self) -> bool:
        """Whether a client may still connect here at all; a task that is full stays in service."""
        return not self._is_ending

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._open)

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the messages of a connection until one side ends it; refuse it when there are too many."""
        connection = Connection(reader=reader, writer=writer)
        try:
            # A client may be gone, say nothing or read nothing.
            with suppress(OSError, asyncio.IncompleteReadError):
                if self._is_ending or len(self._open) >= self._limits.at_most:
                    self._counts.add("refused")
                    await self._part(connection, "full", "connect again in some seconds")
                    return
                self._open.add(connection)
                await self._answer_all(connection)
        finally:
            self._open.discard(connection)
            connection.closed.set()
            writer.close()

    async def end(self, *, within_seconds: float) -> None:
        """Refuse new connections and close those that are open, each after the message in hand is answered.

        They end one after the other, so that clients do not all come back to the other tasks at once.
        """
        self._is_ending = True
        connections = list(self._open)
        logger.info("ending connections", extra={"fields": {"connections": len(connections)}})
        # Half of the time is for those whose turn comes last.
        pause = within_seconds / 2 / max(1, len(connections))
        ending = [
            asyncio.create_task(self._end(connection, after_seconds=turn * pause))
            for turn, connection in enumerate(connections)
        ]
        if ending:
            _, late = await asyncio.wait(ending, timeout=within_seconds)
            for task in late:
                task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _end(self, connection: Connection, *, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        async with connection.in_hand:
            if connection in self._open and not connection.is_parting:
                # Whoever reads this connection reads it to its end.
                with suppress(OSError):
                    await self._say_good_bye(connection, "moving", "the service moves, connect again")
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.parting_seconds):
                await connection.closed.wait()

    async def _answer_all(self, connection: Connection) -> None:
        """Answer one message after the other.

        Raises:
            OSError: The client is gone, says nothing or reads nothing.
            asyncio.IncompleteReadError: It hung up within a message.
        """
        limits = self._limits
        while True:
            try:
                body = await read_frame(
                    connection.reader,
                    at_most=limits.message_bytes,
                    silence_seconds=limits.silence_seconds,
                    seconds=limits.message_seconds,
                )
            except TooLargeError as error:
                self._counts.add("rejected")
                return await self._part(connection, "too_large", str(error))
            except TooSlowError:
                return await self._part(connection, "too_slow", "the message did not come to its end")
            if body is None:
                return None
            async with connection.in_hand:
                # What came after the good-bye has no answer, so its client sends it again to another task.
                if not connection.is_parting:
                    await self._send(connection, await self._answer(body))
            if connection.is_parting:
                return await self._read_to_the_end(connection)

    async def _answer(self, body: bytes) -> str:
        began = time.monotonic()
        try:
            asked = message.read(body.decode())
        except UnicodeDecodeError as error:
            self._counts.add("rejected")
            return message.write(message.Refusal(rejected=message.Reason.NOT_JSON, detail=str(error)))
        except message.RejectedError as error:
            self._counts.add("rejected")
            return message.write(message.Refusal(rejected=error.reason, detail=str(error)))
        loop = asyncio.get_running_loop()
        tally = await loop.run_in_executor(self._threads, domain.tally, asked.seed, range(asked.parcels))
        self._counts.add("done", time.monotonic() - began)
        return message.write(message.Answer(message_id=asked.message_id, revenue_cents=tally.revenue_cents))

    async def _send(self, connection: Connection, text: str) -> None:
        """Send an answer, and wait until there is room for the next one.

        Raises:
            TimeoutError: The client does not read.
        """
        connection.writer.write(framed(text.encode()))
        try:
            async with asyncio.timeout(self._limits.send_seconds):
                await connection.writer.drain()
        except TimeoutError:
            # Closed politely, it would wait for the client to read what it does not read.
            connection.writer.transport.abort()
            raise

    async def _part(self, connection: Connection, reason: str, detail: str) -> None:
        """Say why this is the end, and let the client hang up."""
        await self._say_good_bye(connection, reason, detail)
        await self._read_to_the_end(connection)

    async def _say_good_bye(self, connection: Connection, reason: str, detail: str) -> None:
        connection.is_parting = True
        await self._send(connection, message.write(message.Refusal(rejected=reason, detail=detail)))
        connection.writer.write_eof()

    async def _read_to_the_end(self, connection: Connection) -> None:
        # Closed with something unread, the connection would be reset, and the client might lose what it was told.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.parting_seconds):
                while await connection.reader.read(65_536):
                    pass
