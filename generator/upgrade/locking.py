"""Keeps `uv.lock`, which its owner committed, in step with what a merge makes of `pyproject.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import repository

if TYPE_CHECKING:
    from pathlib import Path

    from generator.upgrade.merging import Bench, Merge

__all__ = ["Relocked", "relock"]

LOCK, PROJECT = "uv.lock", "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocked:
    """What became of a lock file.

    Attributes:
        before: The owner's.
        after: What it has to be; like `before` where nothing changes it, or nobody could tell.
        note: What a person has to do about it; empty when there is nothing.
    """

    before: bytes = b""
    after: bytes = b""
    note: str = ""

    def put_into(self, old: Path, new: Path) -> bool:
        """Let the merge change the lock file like one of the template's, and tell whether it does."""
        if self.after == self.before:
            return False
        (old / LOCK).write_bytes(self.before)
        (new / LOCK).write_bytes(self.after)
        return True


def relock(bench: Bench, merge: Merge, scratch: Path) -> Relocked:
    """Lock what is merged, beside the project.

    Versions that still fit stay as they are. Nothing is done where no lock file is committed, and none of it
    can fail the merge.

    Args:
        bench: Where git merges.
        merge: What comes out otherwise.
        scratch: Folder to work in.
    """
    before = _file(bench, bench.checkout.tree, LOCK)
    if not before or PROJECT not in {change.path for change in merge.files}:
        return Relocked()
    if PROJECT in {conflict.path for conflict in merge.conflicts}:
        return Relocked(note=f"once {PROJECT} is resolved, `uv lock` makes {LOCK} fit it")
    folder = scratch / "locked"
    folder.mkdir()
    (folder / PROJECT).write_bytes(_file(bench, merge.tree, PROJECT))
    (folder / LOCK).write_bytes(before)
    outcome = repository.lock(folder)
    if not outcome.done:
        return Relocked(note=f"{LOCK} may not fit {PROJECT} any more, so run `uv lock`: {outcome.note}")
    return Relocked(before=before, after=(folder / LOCK).read_bytes())


def _file(bench: Bench, tree: str, name: str) -> bytes:
    """Return a file of the project; nothing where there is none."""
    return bench.git("cat-file", "blob", f"{tree}:{bench.checkout.prefix}{name}", accepted=(0, 128))
