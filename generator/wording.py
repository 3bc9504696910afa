"""Small words for messages: a value cut to size and visible, the nearest of some names, counted things."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["counted", "listed", "nearest", "shorten"]

SHOWN_CHARACTERS = 60
SHOWN_FILES = 10


def shorten(value: object, limit: int = SHOWN_CHARACTERS) -> str:
    """Return a value for a message: on one line, no control or direction characters, at most `limit` long."""
    text = value[: limit + 1] if isinstance(value, str) else str(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in cut)


def nearest(word: str, names: Iterable[str]) -> str:
    """Return the one of `names` that was most likely meant by `word`, or an empty string."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word[:80], tuple(names), n=1)), "")


def counted(count: object, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`; also one that is written as text."""
    return f"{count} {noun if str(count) == '1' else f'{noun}s'}"


def listed(files: Sequence[str]) -> str:
    """Return the first of some files on a line each, and how many more there are."""
    lines = [f"  {shorten(file, 200)}" for file in files[:SHOWN_FILES]]
    more = [f"  and {len(files) - SHOWN_FILES} more"] if len(files) > SHOWN_FILES else []
    return "\n".join([*lines, *more])
