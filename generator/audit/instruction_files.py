"""Reads the files that coding agents read, with what these import, and nothing outside the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.gitignore import is_regular
from generator.audit.instructions import READERS, InstructionFile, imports

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["instruction_files"]

DEEPEST_IMPORT = 5
LARGEST_BYTES = 1_000_000


def instruction_files(root: Path) -> list[InstructionFile]:
    """Return every file that an agent reads at the root of a repository."""
    found = []
    for place, agent, is_open in READERS:
        for path in sorted(root.glob(place)):
            name, text = path.relative_to(root).as_posix(), _text(path, root)
            if text is not None:
                imported: dict[str, str] = {}
                _follow(path, text, root, imported, DEEPEST_IMPORT)
                found.append(
                    InstructionFile(file=name, agent=agent, is_open=is_open, text=text, imported=imported)
                )
    return found


def _follow(path: Path, text: str, root: Path, imported: dict[str, str], depth: int) -> None:
    """Collect what a text imports; a circle ends, because each file is read once."""
    if depth == 0:
        return
    for name in imports(text):
        target = (root / name.lstrip("/")) if name.startswith("/") else path.parent / name
        inner = _text(target, root)
        key = str(target)
        if inner is not None and key not in imported:
            imported[key] = inner
            _follow(target, inner, root, imported, depth - 1)


def _text(path: Path, root: Path) -> str | None:
    try:
        if (
            not is_regular(path)
            or not path.resolve().is_relative_to(root)
            or path.stat().st_size > LARGEST_BYTES
        ):
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, RuntimeError):
        return None
