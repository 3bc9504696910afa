"""The streams of one task: how many there may be, what each is sent, and how all of them end.

A stream has nothing of its own but the number of the last event that its client was sent. The next one is taken from
the feed when the client has taken that: a client that reads slowly falls behind, and takes no memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from {{ package_name }}.feed import Feed
    from {{ package_name }}.telemetry import Counts

__all__ = ["HEARTBEAT_SECONDS", "Streams"]

logger = logging.getLogger("{{ package_name }}")

# An id is the seconds since 1970, for a while to come.
MOST_DIGITS = 15
# Where there is nothing to say: more often than the load balancer closes what is silent.
HEARTBEAT_SECONDS = 20
# A client whose stream ends comes back after a while, and not all of them at once.
SHORTEST_RETRY_MS, LONGEST_RETRY_MS = 500, 5_000
# Proxies and browsers keep nothing of a stream, and hold nothing back.
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Streams:
    """Who listens, and who may."""

    def __init__(self, feed: Feed, counts: Counts, *, at_most: int) -> None:
        self._feed = feed
        self._counts = counts
        self._at_most = at_most
        self._open: dict[_Stream, None] = {}
        self._is_ending = False
        self._empty = asyncio.Event()
        self._empty.set()
{% if decision.scale_to_zero.min_capacity == 0 %}
        self._deserted_at = time.monotonic()
{% endif %}

    @property
    def takes_more(self) -> bool:
        """Whether a client may still come here at all; a task that is full stays in service."""
        return self._feed.is_ready and not self._is_ending

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._open)

{% if decision.scale_to_zero.min_capacity == 0 %}
    @property
    def quiet_seconds(self) -> float:
        """Return for how long nobody has listened; a task that ends has nothing to say about that."""
        return 0 if self._open or self._is_ending else time.monotonic() - self._deserted_at

{% endif %}
    async def open(self, request: Request) -> Response:
        """Open a stream after the event that the client has, or at the newest; refuse it when there are too many."""
        if not self.takes_more or len(self._open) >= self._at_most:
            self._counts.add("refused")
            # A client waits before it tries again, or a crowd would come back at once.
            return PlainTextResponse("try again", 503, {"Retry-After": "5"})
        has = request.headers.get("last-event-id", "")
        if has and not (has.isascii() and has.isdigit() and len(has) <= MOST_DIGITS):
            return PlainTextResponse("Last-Event-ID is the id of an event", 400)
        if request.method == "HEAD":
            return PlainTextResponse("", headers=HEADERS, media_type="text/event-stream")
        stream = _Stream(self, self._feed, self._counts, has=int(has) if has else self._feed.newest - 1)
        # Counted before it begins, so that a crowd that comes at once is no larger.
        self._open[stream] = None
        self._empty.clear()
        return stream

    def tell(self) -> None:
        """Have every stream look for events; one that is still sending looks by itself."""
        for stream in self._open:
            stream.bell.set()

    def forget(self, stream: _Stream) -> None:
        """Take note that a stream is over, whoever ended it."""
        self._open.pop(stream, None)
        if not self._open:
            self._empty.set()
{% if decision.scale_to_zero.min_capacity == 0 %}
        self._deserted_at = time.monotonic()
{% endif %}

    async def end(self, *, within_seconds: float) -> None:
        """Refuse new streams and end those that are open, each after the event that it is being sent.

        They end one after the other, so that clients do not all come to the other tasks at once.
        """
        self._is_ending = True
        streams = list(self._open)
        logger.info("ending streams", extra={"fields": {"streams": len(streams)}})
        # Half of the time is for those that have something to send still.
        pause = within_seconds / 2 / max(1, len(streams))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                for stream in streams:
                    stream.end()
                    await asyncio.sleep(pause)
                await self._empty.wait()


class _Stream(StreamingResponse):
    """One client, and the last event that it was sent."""

    def __init__(self, streams: Streams, feed: Feed, counts: Counts, *, has: int) -> None:
        super().__init__(self._events(), headers=HEADERS, media_type="text/event-stream")
        self.bell = asyncio.Event()
        self._streams = streams
        self._feed = feed
        self._counts = counts
        # No number that is still to come: it would wait for it in vain.
        self._has = min(has, feed.newest)
        self._is_over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client is gone or the stream is told to end."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.forget(self)

    def end(self) -> None:
        """Send nothing more after what is being sent."""
        self._is_over = True
        self.bell.set()

    async def _events(self) -> AsyncIterator[bytes]:
        yield _retry()
        while not self._is_over:
            self.bell.clear()
            if (event := self._feed.after(self._has)) is None:
                if not await self._rings():
                    yield b": still here\n\n"
                continue
            if missed := event.number - self._has - 1:
                self._counts.add("missed")
                yield b'event: missed\ndata: {"events":%d}\n\n' % missed
            # The next piece is asked for when this one is taken: here a slow client is waited for.
            yield event.text
            self._has = event.number
            self._counts.sent(time.monotonic() - event.made_at)
        # Spread anew, for those that are sent away together.
        yield _retry()

    async def _rings(self) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await self.bell.wait()
        except TimeoutError:
            return False
        return True


def _retry() -> bytes:
    # No secret, only a spread.
    return b"retry: %d\n\n" % random.randint(SHORTEST_RETRY_MS, LONGEST_RETRY_MS)  # noqa: S311
