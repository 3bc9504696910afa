"""What git says about a merge: changed files, and conflicts with the commands that resolve each."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Conflict", "FileChange", "conflicts_of", "file_changes", "merged_tree"]

_TEXT = {"encoding": "utf-8", "errors": "surrogateescape"}

_BASE, _OURS, _THEIRS = "1", "2", "3"
_WAYS = {
    frozenset({_BASE, _OURS, _THEIRS}): ("UU", "you and the template changed the same lines"),
    frozenset({_BASE, _OURS}): ("UD", "you changed it, and the template no longer has it; your file is kept"),
    frozenset({_BASE, _THEIRS}): ("DU", "you deleted it, and the template changed it"),
    frozenset({_OURS, _THEIRS}): ("AA", "you and the template each have a file of this name"),
    frozenset({_BASE}): ("DD", "it was moved to different places"),
    frozenset({_OURS}): ("AU", "you have it at this place, and the template has another"),
    frozenset({_THEIRS}): ("UA", "the template has it at this place, and you have another"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file that the merge changes: `A` is new, `M` is changed, `D` goes."""

    status: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One file that a person has to look at.

    Attributes:
        path: Relative to the project.
        state: As `git status --short` shows it.
        words: What happened.
        commands: Ways to resolve it, each with what it means.
    """

    path: str
    state: str
    words: str
    commands: tuple[tuple[str, str], ...]


def merged_tree(printed: bytes) -> str:
    """Return the tree that `git merge-tree --write-tree -z` made."""
    return printed.partition(b"\0")[0].decode()


def conflicts_of(printed: bytes, prefix: str) -> tuple[Conflict, ...]:
    """Read the conflicts out of what `git merge-tree --write-tree -z` printed.

    Args:
        printed: Its output.
        prefix: The project's folder in the repository with a slash behind, empty for the root.
    """
    stages: dict[str, set[str]] = {}
    for line in printed.split(b"\0")[1:]:
        if not line:
            break  # what follows are messages
        about, _, path = line.partition(b"\t")
        stages.setdefault(path.decode(**_TEXT), set()).add(about.decode().split(" ")[2])
    return tuple(_conflict(path.removeprefix(prefix), frozenset(seen)) for path, seen in stages.items())


def _conflict(path: str, stages: frozenset[str]) -> Conflict:
    state, words = _WAYS[stages]
    return Conflict(path=path, state=state, words=words, commands=tuple(_commands(path, state)))


def _commands(path: str, state: str) -> Iterator[tuple[str, str]]:
    quoted = shlex.quote(path)
    if state == "UU":
        yield f"git add -- {quoted}", "after you edited it"
    elif state == "AA":
        yield f"git add -- {quoted}", "keep yours, or what you made of both"
        yield f"git checkout --theirs -- {quoted}", "see the template's in its place"
    else:
        yield f"git add -- {quoted}", "keep it"
        yield f"git rm -- {quoted}", "let it go"


def file_changes(printed: bytes, prefix: str) -> tuple[FileChange, ...]:
    """Read what `git diff-tree -r -z --name-status --no-renames` printed, sorted by path."""
    fields = printed.decode(**_TEXT).split("\0")
    pairs = zip(fields[0::2], fields[1::2], strict=False)
    changes = (FileChange(status=status, path=path.removeprefix(prefix)) for status, path in pairs)
    return tuple(sorted(changes, key=lambda change: change.path))
