"""The merge: two rendered folders become commits, and git merges their difference into the owner's.

Git merges in an empty repository beside, which borrows the owner's objects, so that no setting, driver or
hook changes what comes out.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator import git
from generator.upgrade import objects
from generator.upgrade.conflicts import conflicts_of, file_changes, merged_tree, open_entries
from generator.upgrade.objects import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.upgrade.checkout import Checkout
    from generator.upgrade.conflicts import Conflict, FileChange

__all__ = ["Bench", "Manner", "Merge", "bench", "prepare"]

# What stands beside the markers of a conflict.
_OURS, _THEIRS = "YOURS", "TEMPLATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How git is to merge.

    Attributes:
        subject: Offered as the commit's message.
        follows_renames: Whether what was done to a file goes with it to another name. Two tiers have files
            that look alike and mean different things; nothing is to go from one to the other.
        keeps_own_files: Whether a file that both sides have stays as it is, as an open conflict.
    """

    subject: str
    follows_renames: bool = True
    keeps_own_files: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """Return git's options for it."""
        return (
            # A new file comes where the template has it.
            *("-c", "merge.directoryRenames=false"),
            *(("-c", "merge.default=binary") if self.keeps_own_files else ()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge as it will be.

    Attributes:
        tree: What comes out, with markers where a conflict is open.
        entries: Lines for `git update-index` that open the conflicts.
        manner: How it was merged.
        files: What it changes in the project.
        conflicts: What a person has to look at.
    """

    tree: str
    entries: bytes
    manner: Manner
    files: tuple[FileChange, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The repository that git merges in.

    Attributes:
        folder: Where it lies.
        checkout: Whose objects it borrows.
        settings: Environment variables that say so to git.
    """

    folder: Path
    checkout: Checkout
    settings: Mapping[str, str]

    def git(self, *words: str, given: bytes = b"", accepted: tuple[int, ...] = (0,)) -> bytes:
        """Run git in it."""
        return git.output(self.folder, *words, given=given, settings=self.settings, accepted=accepted)

    def store(self, kind: str, bodies: Sequence[bytes]) -> None:
        """Write objects; what one names has to stand before it."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            paths = []
            for number, body in enumerate(dict.fromkeys(bodies)):
                path = Path(folder) / str(number)
                path.write_bytes(body)
                paths.append(f"{path}\n")
            write = ("hash-object", "-w", "-t", kind, "--no-filters", "--stdin-paths")
            self.git(*write, given="".join(paths).encode())


def bench(checkout: Checkout, scratch: Path, *, writes: bool) -> Bench:
    """Make the repository that git merges in.

    Args:
        checkout: The owner's repository, whose objects it borrows.
        scratch: Folder for it.
        writes: Whether new objects go to the owner's repository, where `apply` needs them.
    """
    folder = scratch / "merge.git"
    folder.mkdir()
    init = ("init", "--quiet", "--bare", "--template=", f"--object-format={checkout.algorithm}")
    git.output(folder, *init, settings=git.UNCONFIGURED)
    place = "GIT_OBJECT_DIRECTORY" if writes else "GIT_ALTERNATE_OBJECT_DIRECTORIES"
    settings = {**git.UNCONFIGURED, "GIT_DIR": str(folder), place: str(checkout.objects)}
    return Bench(folder=folder, checkout=checkout, settings=settings)


def prepare(bench: Bench, old: Path | None, new: Path, manner: Manner) -> Merge:
    """Compute a merge without touching the work tree or the index.

    Args:
        bench: Where git merges; what is merged into is the last commit of its owner.
        old: The old render; None for an empty one.
        new: The new render.
        manner: How to merge.
    """
    checkout = bench.checkout
    folders = [folder for folder in (old, new) if folder is not None]
    sides = _blobs(bench, folders)
    before, after = sides if old is not None else ({}, sides[0])
    # Git pairs a file that goes with one that comes; without either in the same step it finds no pair.
    between = {path: entry for path, entry in after.items() if path in before}
    steps = [before, after] if manner.follows_renames or not before else [before, between, after]
    outside = _outside(bench)
    trees = _trees(bench, [{**outside, **_below(checkout.prefix, side)} for side in steps])
    merged, printed = checkout.tree, []
    for base, theirs in itertools.pairwise(trees):
        printed.append(_merged(bench, base, theirs, merged, manner))
        merged = merged_tree(printed[-1])
    differing = ("diff-tree", "-r", "-z", "--name-status", "--no-renames", checkout.tree, merged)
    return Merge(
        tree=merged,
        entries=b"".join(open_entries(step, checkout.algorithm) for step in printed),
        manner=manner,
        files=file_changes(bench.git(*differing), checkout.prefix),
        conflicts=tuple(one for step in printed for one in conflicts_of(step, checkout.prefix)),
    )


def _merged(bench: Bench, base: str, theirs: str, ours: str, manner: Manner) -> bytes:
    """Merge what leads from one tree to another into a third, and return what git prints."""
    common = objects.commit(base, (), "before", signature=git.SIGNATURE)
    parent = objects.name_of("commit", common, bench.checkout.algorithm)
    sides = {
        _OURS: objects.commit(ours, (parent,), _OURS, signature=git.SIGNATURE),
        _THEIRS: objects.commit(theirs, (parent,), _THEIRS, signature=git.SIGNATURE),
    }
    bench.store("commit", [common, *sides.values()])
    for label, body in sides.items():
        name = objects.name_of("commit", body, bench.checkout.algorithm)
        (bench.folder / label).write_text(f"{name}\n", encoding="ascii")
    return bench.git(*manner.options, "merge-tree", "--write-tree", "-z", _OURS, _THEIRS, accepted=(0, 1))


def _blobs(bench: Bench, folders: Sequence[Path]) -> list[dict[str, Entry]]:
    """Write every file of the folders as it is, and return the entries of each folder by path."""
    found = [sorted(path for path in folder.rglob("*") if path.is_file()) for folder in folders]
    given = "".join(f"{path}\n" for paths in found for path in paths)
    written = bench.git("hash-object", "-w", "--no-filters", "--stdin-paths", given=given.encode())
    names = iter(written.decode().split())
    return [
        {
            path.relative_to(folder).as_posix(): Entry(
                mode="100755" if os.access(path, os.X_OK) else "100644", name=next(names)
            )
            for path in paths
        }
        for folder, paths in zip(folders, found, strict=True)
    ]


def _outside(bench: Bench) -> dict[str, Entry]:
    """Return what the repository has outside the project, unread folders as they are.

    All sides get it, so that git finds no difference there, and takes no file there for one of the project
    that was moved.
    """
    outside: dict[str, Entry] = {}
    prefix = bench.checkout.prefix
    parts = prefix.rstrip("/").split("/") if prefix else []
    for depth, part in enumerate(parts):
        folder = "".join(f"{name}/" for name in parts[:depth])
        # A folder that was never committed is none to git.
        place = f"{bench.checkout.tree}:{folder.rstrip('/')}"
        listing = bench.git("ls-tree", "-z", place, accepted=(0, 128))
        entries = objects.parse_listing(listing).items()
        outside |= {f"{folder}{path}": entry for path, entry in entries if path != part}
    return outside


def _below(prefix: str, files: Mapping[str, Entry]) -> dict[str, Entry]:
    return {f"{prefix}{path}": entry for path, entry in files.items()}


def _trees(bench: Bench, sides: Sequence[Mapping[str, Entry]]) -> list[str]:
    """Write the trees of all sides and return the names of their roots."""
    algorithm = bench.checkout.algorithm
    bodies = [objects.tree_bodies(side, algorithm) for side in sides]
    bench.store("tree", [body for side in bodies for body in side])
    return [objects.name_of("tree", side[-1], algorithm) for side in bodies]
