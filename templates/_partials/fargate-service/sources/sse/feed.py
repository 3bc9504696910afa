"""What there is to send: the last events, kept once for everybody and numbered, so that clients go on from theirs."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from {{ package_name }} import domain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KEPT", "Event", "Feed"]

# A moment is a second, and its number the seconds since 1970: the same in every task.
EVERY_SECONDS = 1
# Five minutes: for so long a client may be away, or behind, and miss nothing.
KEPT = 300

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, as it is sent.

    Attributes:
        number: Its id; the next one has the next number.
        text: The lines of it.
        made_at: When, by the clock that only goes on.
    """

    number: int
    text: bytes
    made_at: float


class Feed:
    """The last events."""

    def __init__(self) -> None:
        self._kept: deque[Event] = deque(maxlen=KEPT)

    @property
    def is_ready(self) -> bool:
        """Whether there is anything to send."""
        return bool(self._kept)

    @property
    def newest(self) -> int:
        """The number of the last event."""
        return self._kept[-1].number

    @property
    def oldest(self) -> int:
        """The number of the first one that is kept."""
        return self._kept[0].number

    def after(self, number: int) -> Event | None:
        """Return the event after one that a client has, or the first that is kept; nothing if there is none yet."""
        if number >= self.newest:
            return None
        return self._kept[max(0, number + 1 - self.oldest)]

    def add(self, number: int) -> None:
        """Make the next event."""
        body = _encode(domain.waiting_at(number))
        text = b"id: %d\nevent: waiting\ndata: %s\n\n" % (number, body)
        self._kept.append(Event(number=number, text=text, made_at=time.monotonic()))

    async def run(self, tell: Callable[[], None]) -> None:
        """Make events as time goes on, for ever.

        Args:
            tell: Called after each, and soon done.
        """
        # A client that comes from another task goes on here, so the events before the start are made, too.
        first = int(time.time()) // EVERY_SECONDS - KEPT
        for number in range(first, first + KEPT):
            self.add(number)
        while True:
            # As many as are due, so that no number is left out.
            while self.newest < int(time.time()) // EVERY_SECONDS:
                self.add(self.newest + 1)
                tell()
            await asyncio.sleep(EVERY_SECONDS - time.time() % EVERY_SECONDS)
