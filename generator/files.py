"""Writes a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from generator.errors import NewServiceError

__all__ = ["write_whole"]

_MODE = 0o644
"""Of a file that was not there before; a temporary one would be its owner's alone."""


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place and rename it, so that nobody ever finds half of it.

    Args:
        path: Where it goes; a link stays, and what it leads to is written. A device or pipe is written to.
        text: All of it, its line ends as they are to be.

    Raises:
        NewServiceError: It cannot be written there.
    """
    try:
        _write(path.resolve(strict=path.is_symlink()), text.encode("utf-8", "surrogateescape"))
    except (OSError, RuntimeError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise NewServiceError(
            f"{path} cannot be written: {problem.lower()}", hint="name a place that can be written to"
        ) from error


def _write(target: Path, content: bytes) -> None:
    if target.exists() and not (target.is_file() and os.access(target, os.W_OK)):
        # A device or pipe takes it as it is; anything else says itself what is wrong.
        target.write_bytes(content)
        return
    mode = target.stat().st_mode & 0o777 if target.exists() else _MODE
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    beside = target.with_name(Path(name).name)
    try:
        with os.fdopen(handle, "wb") as made:
            made.write(content)
        beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        beside.unlink()
        raise
