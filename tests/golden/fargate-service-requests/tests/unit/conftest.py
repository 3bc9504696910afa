"""The application with its limits, asked as a server would ask it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from list_desk.app import Desk, make_app
from list_desk.limits import Bounds, Limits
from list_desk.telemetry import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message

__all__ = ["QUOTE", "Answer", "Caller"]

QUOTE = {"zone": "domestic", "weight_grams": 1_200}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body, read."""
        return dict(json.loads(self.body))


@dataclass(slots=True)
class Caller:
    """Asks the application, in an event loop of its own or in one that runs."""

    bounds: Bounds = field(default_factory=lambda: Bounds(taken_at_most=4, body_bytes=1_000, seconds=5))
    desk: Desk = field(default_factory=Desk)
    counts: Counts = field(default_factory=lambda: Counts("test"))
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(make_app(self.desk), self.bounds, self.desk, self.counts)
        asyncio.run(self.desk.load())

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send one request."""
        return asyncio.run(self.asking(method, path, [body], **headers))

    async def asking(self, method: str, path: str, pieces: list[bytes], **headers: str) -> Answer:
        """Send one request, its body in pieces."""
        said: list[Message] = []
        given = {"content_type": "application/json", **headers}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in given.items()],
        }
        messages = [
            {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
            for number, piece in enumerate(pieces, 1)
        ]

        async def receive() -> Message:
            if messages:
                return messages.pop(0)
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None:
            said.append(message)
            await asyncio.sleep(0)

        await self.limits(scope, receive, send)
        sent = {name.decode(): text.decode() for name, text in said[0]["headers"]}
        return Answer(said[0]["status"], sent, b"".join(message.get("body", b"") for message in said[1:]))


@pytest.fixture
def caller() -> Caller:
    """Somebody who asks a service that is ready."""
    return Caller()
