"""Standard output for data, standard error for everything else, and what can be known about both."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["can_ask", "data", "is_watched", "prepare", "progress", "say", "shows_data", "size", "use_colour"]

PATIENCE_SECONDS = 1.0


def prepare() -> None:
    """Let no character of an answer end the program where the terminal's encoding cannot show it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def data(text: str) -> None:
    """Write a result to standard output, ended by one line break."""
    _write(sys.stdout, f"{text.rstrip()}\n")


def say(text: str) -> None:
    """Write a message for a person to standard error."""
    _write(sys.stderr, f"{text.rstrip()}\n")


def can_ask() -> bool:
    """Tell whether a person can be asked; questions go to standard error, so data may be redirected."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"


def shows_data() -> bool:
    """Tell whether a person sees standard output at once, rather than a file or a program."""
    return _is_terminal(sys.stdout)


def is_watched() -> bool:
    """Tell whether a person sees messages at once."""
    return _is_terminal(sys.stderr)


def use_colour(stream: TextIO | None = None) -> bool:
    """Tell whether a stream, by default standard output, takes colour; NO_COLOR says it does not."""
    return (
        not os.environ.get("NO_COLOR")
        and _is_terminal(stream or sys.stdout)
        and os.environ.get("TERM") != "dumb"
    )


def size() -> tuple[int, int]:
    """Return columns and lines of the terminal, 80 by 24 without one."""
    import shutil

    columns, lines = shutil.get_terminal_size()
    return columns, lines


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Say what is going on if it takes longer than a second and somebody watches."""
    if not _is_terminal(sys.stderr):
        yield
        return
    import threading

    timer = threading.Timer(PATIENCE_SECONDS, say, (f"{text} …",))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _write(stream: TextIO, text: str) -> None:
    """Write and flush; a reader that has gone away, as `head` does, is no failure."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # Python flushes again when it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
