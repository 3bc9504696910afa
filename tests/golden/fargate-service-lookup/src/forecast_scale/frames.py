"""Where a message begins and ends in a stream of bytes: its length comes first, four bytes with the highest first."""

from __future__ import annotations

import asyncio

__all__ = ["HEADER_BYTES", "TooLargeError", "TooSlowError", "framed", "read_frame"]

HEADER_BYTES = 4


class TooLargeError(ValueError):
    """A message is announced that is larger than allowed."""


class TooSlowError(TimeoutError):
    """A message was begun and did not come to its end."""


def framed(body: bytes) -> bytes:
    """Return a message as it is sent."""
    return len(body).to_bytes(HEADER_BYTES, "big") + body


async def read_frame(
    reader: asyncio.StreamReader, *, at_most: int, silence_seconds: float, seconds: float
) -> bytes | None:
    """Return the next message; None when there is none because the other side has said its last.

    Args:
        reader: What comes from the other side.
        at_most: The largest message, in bytes.
        silence_seconds: How long it may take until one begins.
        seconds: How long it may take from its first byte to its last.

    Raises:
        TooLargeError: It is larger than allowed; nothing of it was read.
        TooSlowError: It was begun and is not there.
        TimeoutError: Nothing was said.
        asyncio.IncompleteReadError: The connection ended within it.
    """
    async with asyncio.timeout(silence_seconds):
        first = await reader.read(1)
    if not first:
        return None
    try:
        async with asyncio.timeout(seconds):
            length = int.from_bytes(first + await reader.readexactly(HEADER_BYTES - 1), "big")
            if length > at_most:
                message = f"{length} bytes are more than {at_most}"
                raise TooLargeError(message)
            return await reader.readexactly(length)
    except TimeoutError as error:
        raise TooSlowError from error
