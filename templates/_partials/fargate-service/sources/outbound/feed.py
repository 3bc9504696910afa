"""The connection to the feed: opened again whenever it ends, after a pause of random length, and where it was."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from {{ package_name }} import message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from websockets.asyncio.client import ClientConnection

    from {{ package_name }}.telemetry import Counts

__all__ = ["Feed", "longest_pause_seconds"]

logger = logging.getLogger("{{ package_name }}")

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1, 60
# A connection that has lasted for so long was one: the next pause is a first one again.
STEADY_SECONDS = 30
HEARTBEAT_SECONDS = 20


def longest_pause_seconds(failures: int) -> int:
    """Return the most that is waited after so many failures in a row: twice as much each time, up to a minute."""
    return int(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(failures - 1, 16)))


class Feed:
    """A subscription that is kept up."""

    def __init__(
        self,
        url: str,
        counts: Counts,
        *,
        message_bytes_at_most: int,
        silence_seconds: float,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._url = url
        self._counts = counts
        self._message_bytes_at_most = message_bytes_at_most
        self._silence_seconds = silence_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._connected_since: float | None = None
        self._connected_before = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether the feed can say something now."""
        return self._connected_since is not None

    @property
    def was_connected(self) -> bool:
        """Whether it could at any time."""
        return self.is_connected or self._connected_before > 0

    @property
    def connected_seconds(self) -> float:
        """For how long it could, in all."""
        since = self._connected_since
        return self._connected_before + (0 if since is None else time.monotonic() - since)

    async def listen(self, after: Callable[[], int | None], take: Callable[[str], Awaitable[None]]) -> None:
        """Hand everything that the feed says to somebody, one after the other, until cancelled.

        Args:
            after: Returns the last number that was heard; a connection begins after it.
            take: Takes a message. While it waits nothing is read, so the feed has to wait, too.
        """
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._listen_once(after, take)
            except (OSError, WebSocketException) as error:
                # Time-outs are of the first kind. Any of them may be over in a moment, or never: an alarm tells.
                failures = 1 if time.monotonic() - began >= STEADY_SECONDS else failures + 1
                pause = self._pause_seconds(failures)
                fields = {"reason": f"{type(error).__name__}: {error}", "failures": failures, "pause_seconds": pause}
                logger.warning("disconnected", extra={"fields": fields})
                self._counts.add("disconnected")
                await asyncio.sleep(pause)

    def _pause_seconds(self, failures: int) -> float:
        # Any time up to the longest: whoever was sent away together does not come back together.
        return random.uniform(0, longest_pause_seconds(failures))  # noqa: S311  no secret hangs on it

    async def _listen_once(self, after: Callable[[], int | None], take: Callable[[str], Awaitable[None]]) -> None:
        """Connect, and listen until the connection ends.

        Raises:
            OSError: It cannot be opened, or nothing comes through any more.
            WebSocketException: It ended, or the other side is no feed.
        """
        async with connect(
            self._url,
            max_size=self._message_bytes_at_most,
            # Its own pings are not answered while nobody reads; those here are only sent while somebody does.
            ping_interval=None,
            # Its memory for each connection is more than most messages save.
            compression=None,
            proxy=None,
            close_timeout=5,
        ) as socket:
            heard = after()
            await socket.send(message.subscribe(heard))
            logger.info("connected", extra={"fields": {"after": heard}})
            self._connected_since = time.monotonic()
            try:
                while True:
                    await take(await self._next(socket))
            except asyncio.CancelledError:
                # A good-bye; without it the feed would be told of an error.
                await socket.close()
                raise
            finally:
                self._connected_before, self._connected_since = self.connected_seconds, None

    async def _next(self, socket: ClientConnection) -> str:
        silent_since = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(self._heartbeat_seconds):
                    heard = await socket.recv()
            except TimeoutError:
                if time.monotonic() - silent_since >= self._silence_seconds:
                    reason = f"nothing was said for {self._silence_seconds} s"
                    raise TimeoutError(reason) from None
                # A connection that broke looks like one that is silent: an answer tells them apart.
                async with asyncio.timeout(self._heartbeat_seconds):
                    await (await socket.ping())
            else:
                return heard if isinstance(heard, str) else heard.decode(errors="replace")
