"""Files that strangers wrote: only regular ones are opened, to a bound, and none outside the repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.audit import documents
from generator.audit.gitignore import is_regular

if TYPE_CHECKING:
    from pathlib import Path, PurePosixPath

    from generator.audit.values import Value

__all__ = ["LARGEST_BYTES", "Beside", "content_of"]

LARGEST_BYTES = 10_000_000


def content_of(path: Path) -> bytes:
    """Return a regular file's bytes, one more than the largest at most; a device or pipe is never opened."""
    if not is_regular(path):
        return b""
    with path.open("rb") as file:
        return file.read(LARGEST_BYTES + 1)


@dataclass(slots=True, kw_only=True)
class Beside:
    """The files that one document includes, as far as they are in the repository.

    Attributes:
        root: The repository.
        folder: The document's, below it.
        read: What was asked for, by its path from the folder; nothing where there is no such document.
        included: The files among them, below the repository.
    """

    root: Path
    folder: PurePosixPath
    read: dict[str, Value | None] = field(default_factory=dict)
    included: set[str] = field(default_factory=set)

    def __call__(self, path: str) -> Value | None:
        """Return the document at a path."""
        if path not in self.read:
            self.read[path] = self._document(path)
        return self.read[path]

    def _document(self, path: str) -> Value | None:
        try:
            file = (self.root / self.folder / path).resolve(strict=True)
            name = file.relative_to(self.root).as_posix()
            content = content_of(file)
            if len(content) > LARGEST_BYTES:
                return None
            [document, *_], _ = documents.read(content.decode("utf-8-sig"))
        except (OSError, RuntimeError, ValueError, documents.DocumentError):
            # Not there, outside, no text, no document.
            return None
        self.included.add(name)
        return document
