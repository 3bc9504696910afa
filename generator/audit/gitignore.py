"""What the `.gitignore` files of a repository leave out."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pathspec import GitIgnoreSpec

__all__ = ["Ignored", "is_regular"]

LARGEST_BYTES = 1_000_000


class Ignored:
    """The rules of the `.gitignore` files of a repository."""

    def __init__(self) -> None:
        self._rules: list[tuple[Path, GitIgnoreSpec]] = []

    def enter(self, folder: Path, below: Path) -> None:
        """Read a folder's own rules."""
        file = folder / ".gitignore"
        if is_regular(file) and file.stat().st_size < LARGEST_BYTES:
            from pathspec import GitIgnoreSpec

            text = file.read_text(encoding="utf-8", errors="replace")
            self._rules.append((below, GitIgnoreSpec.from_lines(text.splitlines())))

    def folder(self, below: Path) -> bool:
        """Tell whether a folder is ignored."""
        return self._matches(below, "/")

    def file(self, below: Path) -> bool:
        """Tell whether a file is ignored."""
        return self._matches(below, "")

    def _matches(self, below: Path, ending: str) -> bool:
        return any(
            spec.match_file(below.relative_to(owner).as_posix() + ending)
            for owner, spec in self._rules
            if below.is_relative_to(owner)
        )


def is_regular(path: Path) -> bool:
    """Tell whether a path is a file that can be read to its end, and no device or pipe."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
