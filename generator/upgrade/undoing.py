"""Takes back a merge of which a work tree has got a part."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import git
from generator.errors import ProjectError
from generator.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from generator.upgrade.checkout import Checkout

__all__ = ["Begun", "take_back"]

_TEXT = {"encoding": "utf-8", "errors": "surrogateescape"}
_NO_MODE = "000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A merge that was begun.

    Attributes:
        head: The commit that was checked out.
        tree: What work tree and index had.
        merged: What the work tree was to have.
    """

    head: str
    tree: str
    merged: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One file of the merge: its path below the top, and its content before and afterwards."""

    path: str
    before: str
    after: str
    was_there: bool


def take_back(place: Checkout, begun: Begun, notes: Path) -> None:
    """Put every file that the merge would change back to what the index has.

    Raises:
        ProjectError: Somebody has worked on since; nothing is touched then.
    """
    changes = _changes(place, begun)
    _refuse_later_work(place, begun, changes, notes)
    for change in changes:
        if not change.was_there:
            _remove(place.top, change.path)
    restored = "".join(f"{change.path}\0" for change in changes if change.was_there)
    given = restored.encode(**_TEXT)
    git.output(place.top, "checkout-index", "--force", "--quiet", "-z", "--stdin", given=given)


def _changes(place: Checkout, begun: Begun) -> list[_Change]:
    printed = git.output(place.top, "diff-tree", "-r", "-z", "--no-renames", begun.tree, begun.merged)
    fields = printed.decode(**_TEXT).split("\0")
    changes = []
    for about, path in zip(fields[0::2], fields[1::2], strict=False):
        mode, _, before, after, _ = about.removeprefix(":").split(" ")
        changes.append(_Change(path=path, before=before, after=after, was_there=mode != _NO_MODE))
    return changes


def _refuse_later_work(place: Checkout, begun: Begun, changes: Iterable[_Change], notes: Path) -> None:
    staged, _ = git.answer(
        place.top, "diff-index", "--cached", "--quiet", begun.tree, "--", place.prefix or ".", accepted=(0, 1)
    )
    later = [change.path for change in changes if _is_of_somebody_else(place.top, begun, change)]
    if staged or place.head != begun.head or later:
        names = f"\n{listed(later)}" if later else ""
        raise ProjectError(
            f"{place.folder}: an upgrade was killed here half-way, and somebody has worked on since{names}",
            hint=f"`git diff HEAD` shows both; when all is as you want it, remove {place.git_dir}/index.lock "
            f"and {notes}",
        )


def _is_of_somebody_else(top: Path, begun: Begun, change: _Change) -> bool:
    """Tell whether a file is neither as before nor as afterwards, nor the beginning of what git wrote."""
    path = top / change.path
    if path.is_symlink() or not path.is_file():
        return False
    content = git.output(top, "hash-object", "--", change.path).decode().strip()
    if content in {change.before, change.after}:
        return False
    code, whole = git.answer(top, "cat-file", "--filters", f"{begun.merged}:{change.path}", accepted=(0, 128))
    return code != 0 or not whole.startswith(path.read_bytes())


def _remove(top: Path, name: str) -> None:
    path = top / name
    if os.path.lexists(path) and not path.is_dir():
        path.unlink()
    for folder in path.parents:
        if folder == top or not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()
