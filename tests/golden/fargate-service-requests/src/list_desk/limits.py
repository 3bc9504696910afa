"""What the application does not have to care about: how many requests, how large, for how long; what is counted."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from list_desk.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from list_desk.app import Desk
    from list_desk.telemetry import Counts

__all__ = ["Bounds", "Limits", "correlation_id_of"]

logger = logging.getLogger(__name__)

CORRELATION_HEADER = b"x-correlation-id"
# Whoever asks after the task itself is answered however much it has to do, and is no traffic.
_ABOUT_ITSELF = frozenset({"/alive", "/ready"})
_CORRELATION_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much one task takes.

    Attributes:
        taken_at_most: Requests at work or waiting; the next one is refused.
        body_bytes: The largest body.
        seconds: After how long a request is given up.
    """

    taken_at_most: int
    body_bytes: int
    seconds: float


class Limits:
    """Wraps the application: bounds every request, counts it, and answers for what the application did not."""

    def __init__(self, app: ASGIApp, bounds: Bounds, desk: Desk, counts: Counts) -> None:
        self._app = app
        self._bounds = bounds
        self._desk = desk
        self._counts = counts
        self.in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in _ABOUT_ITSELF:
            await self._app(scope, receive, send)
            return
        scope["correlation_id"] = _correlation_id(dict(scope["headers"]))
        answer = _Answer(scope["correlation_id"], send, is_last=self._desk.is_draining)
        began = time.monotonic()
        if self.in_flight >= self._bounds.taken_at_most:
            busy = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Too much is asked at once.", headers={"retry-after": "1"})
            await answer.refuse(busy)
        else:
            self.in_flight += 1
            try:
                await self._answer(scope, receive, answer)
            finally:
                self.in_flight -= 1
        self._counts.add(answer.status, time.monotonic() - began)

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        fields = {"method": scope["method"], "path": scope["path"], "correlation_id": answer.correlation_id}
        try:
            body = _Body(receive, dict(scope["headers"]), self._bounds.body_bytes)
            async with asyncio.timeout(self._bounds.seconds):
                await self._app(scope, body.receive, answer.send)
        except Problem as problem:
            await answer.refuse(problem)
        except TimeoutError:
            logger.warning("given up", extra={"fields": {**fields, "seconds": self._bounds.seconds}})
            await answer.refuse(Problem(HTTPStatus.GATEWAY_TIMEOUT, "It takes too long."))
        except Exception:
            logger.exception("failed", extra={"fields": fields})
            await answer.refuse(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, ""))


class _Body:
    """Reads a body up to its limit."""

    def __init__(self, receive: Receive, headers: dict[bytes, bytes], limit: int) -> None:
        self._receive = receive
        self._left = limit
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            self._refuse()

    async def receive(self) -> Message:
        """Receive the next piece.

        Raises:
            Problem: The body is too large, whatever it said before.
        """
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self._refuse()
        return message

    @staticmethod
    def _refuse() -> None:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.", headers={"connection": "close"})


class _Answer:
    """Sends an answer, and knows how far it has come."""

    def __init__(self, correlation_id: str, send: Send, *, is_last: bool) -> None:
        self.correlation_id = correlation_id
        self.status = 0
        self._send = send
        self._is_last = is_last

    async def send(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            added = [(CORRELATION_HEADER, self.correlation_id.encode())]
            # Whoever holds the connection takes another task next time.
            added += [(b"connection", b"close")] if self._is_last else []
            message = {**message, "headers": [*message["headers"], *added]}
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem; what has begun otherwise is cut off."""
        if self.status:
            self.status = int(problem.status)
            return
        body = problem.body(self.correlation_id)
        headers = {**problem.headers, "content-length": str(len(body)), "content-type": problem.content_type}
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": int(problem.status), "headers": encoded})
        await self.send({"type": "http.response.body", "body": body})


def correlation_id_of(scope: Scope) -> str:
    """Return the id under which logs and answer know a request."""
    return str(scope.get("correlation_id", ""))


def _correlation_id(headers: dict[bytes, bytes]) -> str:
    given = headers.get(CORRELATION_HEADER, b"").decode("latin-1")
    return given if _CORRELATION_ID.fullmatch(given) else str(uuid.uuid4())
