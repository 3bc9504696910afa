"""The folder to create: whether it may be, and how it appears whole or not at all."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generator.errors import TargetError
from generator.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

__all__ = ["appear_whole", "check", "leftovers", "stopped_politely"]

_MARK = ".new-service-partial"
"""Ends the name of the hidden folder in which a repository is made before it is moved to its place."""


def check(target: Path) -> Path:
    """Return the absolute path of a folder that can be created, without creating anything.

    A missing folder in an existing one is fine, and so is an empty folder.

    Raises:
        TargetError: Something stands there, or nothing may be written there.
    """
    try:
        resolved = _resolve(target)
        _check_place(target, resolved)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TargetError(f"cannot create {shorten(target, 200)}: {reason}") from error
    return resolved


def leftovers(target: Path) -> tuple[Path, ...]:
    """Return the hidden folders that killed runs left beside a target; they are safe to delete."""
    return tuple(sorted(target.parent.glob(f".{glob.escape(target.name)}.*{_MARK}")))


@contextmanager
def appear_whole(target: Path) -> Iterator[Path]:
    """Give a folder to fill, and move it to its place when the block ends well; remove it otherwise.

    The folder is made in a hidden sibling of the target, hence on its file system, so that the move is one
    rename. An interrupt, SIGTERM or SIGHUP removes it too. What kills without asking leaves the hidden
    sibling and no target.

    Args:
        target: Path that `check` returned.

    Raises:
        TargetError: The hidden sibling cannot be made, or something came to stand at the target meanwhile.
    """
    with stopped_politely():
        try:
            hidden = tempfile.mkdtemp(prefix=f".{target.name}.", suffix=_MARK, dir=target.parent)
        except OSError as error:
            raise TargetError(f"cannot write to {target.parent}: {error.strerror}") from error
        try:
            filled = target.parent / hidden / target.name
            yield filled
            try:
                os.rename(filled, target)  # noqa: PTH104  Path.rename would say the same
            except OSError as error:
                raise TargetError(
                    f"cannot move the finished repository to {target}: {error.strerror}",
                    hint="choose a folder that does not exist yet",
                ) from error
        finally:
            shutil.rmtree(hidden, ignore_errors=True)


def _resolve(target: Path) -> Path:
    if target.is_symlink() and not target.exists():
        raise OSError(0, "it is a symbolic link to nothing")
    return target.resolve()


def _check_place(target: Path, resolved: Path) -> None:
    if resolved.exists() and not resolved.is_dir():
        raise TargetError(f"{target} is a file", hint="choose another folder")
    if resolved.is_dir() and any(resolved.iterdir()):
        raise TargetError(f"{target} is not empty", hint="choose another folder, or empty this one first")
    parent = resolved.parent
    if not parent.is_dir():
        raise TargetError(f"cannot create {target}: {parent} is no folder", hint=f"mkdir -p {parent}")
    if parent == resolved or not os.access(parent, os.W_OK | os.X_OK):
        raise TargetError(f"cannot create {target}: {parent} is not writable")


@contextmanager
def stopped_politely() -> Iterator[None]:
    """Turn the signals that end a program into SystemExit, so that `finally` runs."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
