"""Git's trees and commits as bytes, and the names that git gives to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TREE_MODE", "Entry", "commit", "name_of", "parse_listing", "tree_bodies"]

TREE_MODE = "40000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a tree.

    Attributes:
        mode: As git writes it in a tree: `100644`, `100755`, `120000`, `40000`, `160000`.
        name: Hexadecimal name of the object.
    """

    mode: str
    name: str


def name_of(kind: str, body: bytes, algorithm: str) -> str:
    """Return the name of an object.

    Args:
        kind: `tree` or `commit`.
        body: Its content.
        algorithm: `sha1` or `sha256`, whichever the repository uses.
    """
    return hashlib.new(algorithm, f"{kind} {len(body)}\0".encode() + body, usedforsecurity=False).hexdigest()


def tree_bodies(files: Mapping[str, Entry], algorithm: str) -> tuple[bytes, ...]:
    """Return the trees that hold files, the innermost first and the root last.

    Args:
        files: Entries by POSIX path; an entry that is a tree itself stands for all that is in it.
        algorithm: Names objects.
    """
    below: dict[str, dict[str, Entry]] = {}
    direct: dict[str, Entry] = {}
    for path, entry in files.items():
        folder, slash, rest = path.partition("/")
        if slash:
            below.setdefault(folder, {})[rest] = entry
        else:
            direct[path] = entry
    bodies: list[bytes] = []
    for folder, inner in below.items():
        made = tree_bodies(inner, algorithm)
        bodies += made
        direct[folder] = Entry(mode=TREE_MODE, name=name_of("tree", made[-1], algorithm))
    return (*bodies, _tree(direct))


def _tree(entries: Mapping[str, Entry]) -> bytes:
    """Return one tree; git sorts a folder as if its name ended in a slash."""

    def order(path: str) -> bytes:
        name = path + "/" if entries[path].mode == TREE_MODE else path
        return name.encode("utf-8", "surrogateescape")

    return b"".join(
        f"{entries[path].mode} {path}\0".encode("utf-8", "surrogateescape")
        + bytes.fromhex(entries[path].name)
        for path in sorted(entries, key=order)
    )


def commit(tree: str, parents: tuple[str, ...], subject: str, *, signature: str) -> bytes:
    """Return a commit whose author and committer are one.

    Args:
        tree: Its content.
        parents: Commits that it follows.
        subject: Its message.
        signature: Name, address and time of whoever made it, as git writes them.
    """
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {signature}", f"committer {signature}", "", subject]
    return "\n".join(lines).encode() + b"\n"


def parse_listing(listing: bytes) -> dict[str, Entry]:
    """Read what `git ls-tree -z` prints, by path.

    Paths are what the file system holds, so bytes that are no UTF-8 come back as they went.
    """
    entries = {}
    for line in listing.split(b"\0"):
        if line:
            about, _, path = line.partition(b"\t")
            mode, _, name = about.decode().split(" ")
            entries[path.decode("utf-8", "surrogateescape")] = Entry(mode=mode.lstrip("0"), name=name)
    return entries
