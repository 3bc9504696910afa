"""The merge: two rendered folders become commits, and git merges their difference into the owner's."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator import git
from generator.errors import GitError, ProjectError
from generator.upgrade import objects
from generator.upgrade.conflicts import conflicts_of, file_changes, merged_tree
from generator.upgrade.objects import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.upgrade.checkout import Checkout
    from generator.upgrade.conflicts import Conflict, FileChange

__all__ = ["Manner", "Merge", "apply", "commit", "prepare", "start_branch"]

SHOWN_FILES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How git is to merge.

    Attributes:
        subject: Names the new side in conflict markers, and is offered as the commit's message.
        follows_renames: Whether what was done to a file goes with it to another name. Two tiers have files
            that look alike and mean different things; nothing is to go from one to the other.
        keeps_own_files: Whether a file that both sides have stays as it is, as an open conflict.
    """

    subject: str
    follows_renames: bool = True
    keeps_own_files: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """Return git's configuration for it, the same for the preview and the merge itself."""
        values = {
            "merge.renames": "true" if self.follows_renames else "false",
            # A new file comes where the template has it.
            "merge.directoryRenames": "false",
            "merge.renormalize": "false",
            "rerere.autoUpdate": "false",
            "core.quotePath": "false",
            **({"merge.default": "binary"} if self.keeps_own_files else {}),
        }
        first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
        made = {"GIT_CONFIG_COUNT": str(first + len(values))}
        for number, (key, value) in enumerate(values.items(), start=first):
            made |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge as it will be.

    Attributes:
        commit: The new render, as the child of the old one.
        manner: How it is merged.
        files: What it changes in the project.
        conflicts: What a person has to look at.
    """

    commit: str
    manner: Manner
    files: tuple[FileChange, ...]
    conflicts: tuple[Conflict, ...]


def prepare(checkout: Checkout, old: Path | None, new: Path, manner: Manner, *, apart: Path | None) -> Merge:
    """Compute a merge without touching the work tree or the index.

    Args:
        checkout: The owner's repository; what is merged into is its last commit.
        old: The old render; None for an empty one.
        new: The new render.
        manner: How to merge.
        apart: Folder for git's objects, so that nothing at all is written to the repository.
    """
    settings = {**manner.settings, **_apart(checkout, apart)}
    folders = [folder for folder in (old, new) if folder is not None]
    sides = _blobs(checkout, folders, settings)
    sides = sides if old is not None else [{}, *sides]
    outside = _listings(checkout, settings)
    base_tree, new_tree = _trees(checkout, [_placed(checkout, side, outside) for side in sides], settings)
    base = objects.commit(base_tree, (), "the templates before")
    base_name = objects.name_of("commit", base, checkout.algorithm)
    theirs = objects.commit(new_tree, (base_name,), manner.subject)
    ours = objects.commit(checkout.tree, (base_name,), "the owner's")
    _store(checkout, "commit", [base, theirs, ours], settings)
    theirs_name, ours_name = (objects.name_of("commit", body, checkout.algorithm) for body in (theirs, ours))
    _, printed = git.answer(
        checkout.top,
        *("merge-tree", "--write-tree", "-z", ours_name, theirs_name),
        settings=settings,
        accepted=(0, 1),
    )
    differing = (
        "diff-tree",
        "-r",
        "-z",
        "--name-status",
        "--no-renames",
        checkout.tree,
        merged_tree(printed),
    )
    changed = git.output(checkout.top, *differing, settings=settings)
    return Merge(
        commit=theirs_name,
        manner=manner,
        files=file_changes(changed, checkout.prefix),
        conflicts=conflicts_of(printed, checkout.prefix),
    )


def _apart(checkout: Checkout, folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    folder.mkdir(exist_ok=True)
    return {
        "GIT_OBJECT_DIRECTORY": str(folder),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(checkout.objects),
    }


def _blobs(
    checkout: Checkout, folders: Sequence[Path], settings: Mapping[str, str]
) -> list[dict[str, Entry]]:
    """Write every file of the folders as it is, and return the entries of each folder by path."""
    found = [sorted(path for path in folder.rglob("*") if path.is_file()) for folder in folders]
    given = "".join(f"{path}\n" for paths in found for path in paths)
    write = ("hash-object", "-w", "--no-filters", "--stdin-paths")
    names = iter(git.output(checkout.top, *write, given=given.encode(), settings=settings).decode().split())
    return [
        {
            path.relative_to(folder).as_posix(): Entry(
                mode="100755" if os.access(path, os.X_OK) else "100644", name=next(names)
            )
            for path in paths
        }
        for folder, paths in zip(folders, found, strict=True)
    ]


def _listings(checkout: Checkout, settings: Mapping[str, str]) -> dict[str, Entry]:
    """Return what the repository has outside the project, unread folders as they are.

    Both sides get it, so that git finds no difference there, and takes no file there for one of the project
    that was moved.
    """
    outside: dict[str, Entry] = {}
    parts = checkout.prefix.rstrip("/").split("/") if checkout.prefix else []
    for depth, part in enumerate(parts):
        folder = "/".join(parts[:depth])
        listing = git.output(checkout.top, "ls-tree", "-z", f"{checkout.head}:{folder}", settings=settings)
        for path, entry in objects.parse_listing(listing).items():
            if path != part:
                outside[f"{folder}/{path}" if folder else path] = entry
    return outside


def _placed(checkout: Checkout, files: Mapping[str, Entry], outside: Mapping[str, Entry]) -> dict[str, Entry]:
    return {**outside, **{f"{checkout.prefix}{path}": entry for path, entry in files.items()}}


def _trees(
    checkout: Checkout, sides: Sequence[Mapping[str, Entry]], settings: Mapping[str, str]
) -> list[str]:
    """Write the trees of both sides and return the names of their roots."""
    bodies = [objects.tree_bodies(side, checkout.algorithm) for side in sides]
    # The innermost go first: git checks that what a tree names is there.
    _store(checkout, "tree", [body for side in bodies for body in side], settings)
    return [objects.name_of("tree", side[-1], checkout.algorithm) for side in bodies]


def _store(checkout: Checkout, kind: str, bodies: Sequence[bytes], settings: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="new-service-objects-") as folder:
        paths = []
        for number, body in enumerate(dict.fromkeys(bodies)):
            path = Path(folder) / str(number)
            path.write_bytes(body)
            paths.append(f"{path}\n")
        write = ("hash-object", "-w", "-t", kind, "--no-filters", "--stdin-paths")
        git.output(checkout.top, *write, given="".join(paths).encode(), settings=settings)


def apply(checkout: Checkout, merge: Merge) -> None:
    """Merge in work tree and index, leaving conflicts there as git leaves them.

    One git process does all of it, and finishes whatever becomes of this program.

    Raises:
        ProjectError: A file that git does not know lies where the merge would write.
    """
    in_the_way = [
        change.path
        for change in merge.files
        if change.status == "A" and os.path.lexists(checkout.folder / change.path)
    ]
    if in_the_way:
        names = "\n".join(f"  {name}" for name in in_the_way[:SHOWN_FILES])
        raise ProjectError(
            f"{checkout.folder}: files that git does not know lie where new ones would come\n{names}",
            hint="add and commit them, or move them away",
        )
    try:
        git.run_to_the_end(
            checkout.top,
            *("cherry-pick", "--no-commit", "--allow-empty", merge.commit),
            settings=merge.manner.settings,
            accepted=(0, 1),
        )
    except GitError as error:
        raise ProjectError(f"{checkout.folder}: git could not merge\n{error.said.rstrip()}") from error


def start_branch(checkout: Checkout, name: str) -> None:
    """Put what was merged, and not committed yet, on a new branch."""
    git.output(checkout.top, "update-ref", f"refs/heads/{name}", checkout.head, "")
    git.output(checkout.top, "symbolic-ref", "HEAD", f"refs/heads/{name}")


def commit(checkout: Checkout, merge: Merge) -> None:
    """Commit what was merged, with the owner's identity and hooks."""
    git.output(checkout.folder, "commit", "--quiet", "--message", merge.manner.subject, "--", ".")
