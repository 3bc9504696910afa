"""Health over plain HTTP, on a port of its own: a question is a path, 200 means yes and 503 no."""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["serve_health"]

PATIENCE_SECONDS = 5


async def serve_health(address: str, port: int, questions: Mapping[str, Callable[[], bool]]) -> asyncio.Server:
    """Answer whoever asks for the path of a question; close the server to end that.

    Args:
        address: Where to listen.
        port: The same.
        questions: What can be asked, by its path.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever asks oddly, or not at all, is left alone: nothing here is worth more than an answer.
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                asked = await reader.readuntil(b"\r\n\r\n")
                writer.write(_answer(asked, questions))
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, address, port)


def _answer(asked: bytes, questions: Mapping[str, Callable[[], bool]]) -> bytes:
    method, _, rest = asked.decode("latin-1").partition(" ")
    path = rest.partition(" ")[0]
    if method != "GET" or path not in questions:
        status = HTTPStatus.NOT_FOUND
    else:
        status = HTTPStatus.OK if questions[path]() else HTTPStatus.SERVICE_UNAVAILABLE
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", "Content-Length: 0", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii")
