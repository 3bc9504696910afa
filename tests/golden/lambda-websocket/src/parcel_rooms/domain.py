"""What the service knows: rooms, and what is said in them. No AWS, no WebSocket, no environment.

Replace it by your own rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Message", "NoRoomError", "NothingSaidError", "room_called", "say"]

_ROOM = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class NoRoomError(ValueError):
    """This is not what a room is called."""

    def __init__(self) -> None:
        super().__init__("a room is called by 1 to 32 lower case letters, digits and hyphens, not a hyphen first")


class NothingSaidError(ValueError):
    """The text is empty, or blank."""

    def __init__(self) -> None:
        super().__init__("a message says something")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What everybody in a room hears."""

    room: str
    text: str


def room_called(name: str) -> str:
    """Return the room of that name; a room exists as soon as somebody is in it.

    Raises:
        NoRoomError: No room is called so.
    """
    if _ROOM.fullmatch(name) is None:
        raise NoRoomError
    return name


def say(room: str, text: str) -> Message:
    """Return what the room hears when somebody in it says a text.

    Raises:
        NothingSaidError: The text is empty, or blank.
    """
    said = text.strip()
    if not said:
        raise NothingSaidError
    return Message(room=room, text=said)
