"""The connections of one task: how many there may be, what each message gets, and how all of them end.

A connection has one message in hand at a time. While that is worked on, what its client sends next waits: first
here, then in the client's own network. So no client can make a task hold more than a few of its messages.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocketDisconnect

from {{ package_name }} import domain, message

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from {{ package_name }}.telemetry import Counts

__all__ = ["SERVICE_RESTART", "Connections"]

logger = logging.getLogger("{{ package_name }}")

# Close codes of RFC 6455's registry: come back, to another task; and a message that is no text.
SERVICE_RESTART, UNSUPPORTED_DATA = 1012, 1003


class Connections:
    """Who is connected, and who may be."""

    def __init__(self, counts: Counts, *, at_most: int, at_once: int) -> None:
        self._counts = counts
        self._at_most = at_most
        # Work computes; in threads of its own it leaves the event loop to connections and health checks.
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="work")
        self._open: dict[WebSocket, asyncio.Lock] = {}
        self._is_ending = False
{% if decision.connections.minimum == 0 %}
        self._deserted_at = time.monotonic()
{% endif %}

    @property
    def takes_more(self) -> bool:
        """Whether a client may still connect here at all; a task that is full stays in service."""
        return not self._is_ending

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._open)

{% if decision.connections.minimum == 0 %}
    @property
    def quiet_seconds(self) -> float:
        """Return for how long nobody has been connected; a task that ends has nothing to say about that."""
        return 0 if self._open or self._is_ending else time.monotonic() - self._deserted_at

{% endif %}
    async def hold(self, socket: WebSocket) -> None:
        """Accept a connection and answer its messages until one side ends it; refuse it when there are too many."""
        if self._is_ending or len(self._open) >= self._at_most:
            self._counts.add("refused")
            # A client waits before it tries again, or a crowd would come back at once.
            await socket.send_denial_response(PlainTextResponse("try again", 503, {"Retry-After": "5"}))
            return
        # Counted before it is accepted, so that a crowd that comes at once is no larger.
        in_hand = self._open[socket] = asyncio.Lock()
        try:
            await socket.accept()
            while True:
                text = await _text(socket)
                async with in_hand:
                    if text is None:
                        await socket.close(UNSUPPORTED_DATA, "text only")
                        return
                    # The connection ended while the message waited: it has no answer, so its client sends it again.
                    if not _is_open(socket):
                        return
                    await socket.send_text(await self._answer(text))
        except WebSocketDisconnect:
            pass
        finally:
            del self._open[socket]
{% if decision.connections.minimum == 0 %}
            self._deserted_at = time.monotonic()
{% endif %}

    async def end(self, *, within_seconds: float) -> None:
        """Refuse new connections and close those that are open, each after the message in hand is answered.

        They end one after the other, so that clients do not all come back to the other tasks at once.
        """
        self._is_ending = True
        sockets = list(self._open)
        logger.info("ending connections", extra={"fields": {"connections": len(sockets)}})
        # Half of the time is for those whose turn comes last.
        pause = within_seconds / 2 / max(1, len(sockets))
        ending = [
            asyncio.create_task(self._end(socket, after_seconds=turn * pause)) for turn, socket in enumerate(sockets)
        ]
        if ending:
            _, late = await asyncio.wait(ending, timeout=within_seconds)
            for task in late:
                task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _end(self, socket: WebSocket, *, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        if in_hand := self._open.get(socket):
            async with in_hand:
                if socket in self._open and _is_open(socket):
                    await socket.close(SERVICE_RESTART, "the service moves, connect again")

    async def _answer(self, text: str) -> str:
        began = time.monotonic()
        try:
            asked = message.read(text)
        except message.RejectedError as error:
            self._counts.add("rejected")
            return message.write(message.Refusal(rejected=error.reason, detail=str(error)))
        loop = asyncio.get_running_loop()
        tally = await loop.run_in_executor(self._threads, domain.tally, asked.seed, range(asked.parcels))
        self._counts.add("done", time.monotonic() - began)
        return message.write(message.Answer(message_id=asked.message_id, revenue_cents=tally.revenue_cents))


async def _text(socket: WebSocket) -> str | None:
    """Return the next message; nothing when it is no text.

    Raises:
        WebSocketDisconnect: There is no next one.
    """
    event = await socket.receive()
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(event.get("code", 1006))
    text: str | None = event.get("text")
    return text


def _is_open(socket: WebSocket) -> bool:
    return socket.application_state.name == socket.client_state.name == "CONNECTED"
