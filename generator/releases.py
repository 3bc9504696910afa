"""Finds the releases of the templates in a clone, and packs them into one small git bundle.

A release is a tag `vX.Y.Z` that the checkout descends from. Where a clone has no tags it is a release commit:
the first commit whose CHANGELOG.md opens with the version and a date (`## X.Y.Z - 2026-01-31`), and whose
`__version__` is that version.

The build packs them, so this module needs nothing but Python and git.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator import git
from generator.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["PARTS", "find", "is_clone", "key", "pack"]

PARTS = ("copier.yml", "templates")
"""What a release consists of; the rest of this repository makes services, and is no part of one."""

_TAG = re.compile(r"v(\d+)\.(\d+)\.(\d+)")
_DATED = r"^## [0-9]+\.[0-9]+\.[0-9]+ - [0-9]{4}-[0-9]{2}-[0-9]{2}"
_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)
_OWN = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
"""Whoever builds runs this clone's code already, so it may belong to somebody else."""

_LEFT_OUT = {"__pycache__", ".DS_Store"}


def key(tag: str) -> tuple[int, ...] | None:
    """Return what orders a tag among releases; None when it names no release."""
    found = _TAG.fullmatch(tag)
    return tuple(int(part) for part in found.groups()) if found else None


def is_clone(root: Path) -> bool:
    """Tell whether a folder is a clone itself, rather than a folder inside of one."""
    return (root / ".git").exists()


def find(root: Path) -> dict[str, str]:
    """Return the commit of every release that a checkout descends from, by tag, the oldest first.

    Raises:
        GitError: Git is missing, or the clone cannot be read.
    """
    code, _ = git.answer(root, "rev-parse", "--verify", "--quiet", "HEAD", settings=_OWN, accepted=(0, 1))
    if code:
        return {}  # nothing was ever committed
    asked = ("for-each-ref", "--merged=HEAD", "--format=%(refname:strip=2)", "refs/tags/v*")
    named = git.output(root, *asked, settings=_OWN)
    commits = {f"v{version}": commit for version, commit in _release_commits(root)}
    commits |= {tag: f"refs/tags/{tag}" for tag in named.decode().split() if key(tag)}
    return dict(sorted(commits.items(), key=lambda item: key(item[0]) or ()))


def _release_commits(root: Path) -> Iterator[tuple[str, str]]:
    """Yield version and commit of what the change log's history calls a release, the first commit of each."""
    listed = git.output(
        root,
        *("log", "--first-parent", "-m", "--reverse", "--format=%H"),
        *(f"-G{_DATED}", "--", "CHANGELOG.md"),
        settings=_OWN,
    )
    seen: set[str] = set()
    for commit in listed.decode().split():
        names = (f"{commit}:CHANGELOG.md", f"{commit}:generator/__init__.py")
        changelog, package = (_content(root, name) for name in names)
        version = _VERSION.search(package)
        headings = re.findall(r"^## .*", changelog, re.MULTILINE)
        opens = headings and version and re.match(_DATED, headings[0])
        if version and opens and headings[0].startswith(f"## {version[1]} ") and version[1] not in seen:
            seen.add(version[1])
            if key(f"v{version[1]}"):
                yield version[1], commit


def _content(root: Path, name: str) -> str:
    try:
        return git.output(root, "show", name, settings=_OWN).decode("utf-8", errors="replace")
    except GitError:
        return ""  # the commit has no such file


def pack(root: Path, version: str, target: Path) -> tuple[str, ...]:
    """Write the bundle of every release, and of the templates as they stand here under their own version.

    The same releases give the same bytes: each is one commit by nobody at no time, packed anew by one thread.

    Args:
        root: A checkout, or an unpacked source distribution.
        version: Of the program; its templates are those in `root`, released or not.
        target: File to write.

    Returns:
        The tags in the bundle, the oldest first.
    """
    root, own = root.resolve(), f"v{version}"
    released = find(root) if is_clone(root) else {}
    limit = key(own)
    earlier = {tag: commit for tag, commit in released.items() if limit is None or (key(tag) or ()) < limit}
    with tempfile.TemporaryDirectory(prefix="new-service-") as scratch:
        store = Path(scratch)
        settings = dict(git.UNCONFIGURED)
        git.output(store, "init", "--quiet", "--bare", "--template=", settings=settings)
        if earlier:
            objects = git.output(
                root, "rev-parse", "--path-format=absolute", "--git-path", "objects", settings=_OWN
            )
            settings["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = objects.decode().rstrip("\n")
        trees = {tag: _tree_of_commit(root, store, commit, settings) for tag, commit in earlier.items()}
        trees[own] = _tree_of_folder(root, store, settings)
        _tag_all(store, trees, settings)
        # Deltas that a clone happens to hold would come along otherwise, and differ from clone to clone.
        git.output(store, "-c", "pack.threads=1", "repack", "-q", "-a", "-d", "-f", settings=settings)
        bundle = ("-c", "pack.threads=1", "bundle", "create", "--quiet", str(target.resolve()), "--tags")
        git.output(store, *bundle, settings=settings)
    return tuple(trees)


def _tree_of_commit(root: Path, store: Path, commit: str, settings: Mapping[str, str]) -> str:
    listing = git.output(root, "ls-tree", "-z", f"{commit}^{{tree}}", "--", *PARTS, settings=_OWN)
    return git.output(store, "mktree", "-z", given=listing, settings=settings).decode().strip()


def _tree_of_folder(root: Path, store: Path, settings: Mapping[str, str]) -> str:
    """Write the templates as they stand, whatever attributes or line ends git is configured to apply."""
    files = [root / PARTS[0], *sorted(path for path in (root / PARTS[1]).rglob("*") if path.is_file())]
    kept = [path for path in files if not _LEFT_OUT & {*path.parts} and path.suffix not in {".pyc", ".pyo"}]
    paths = "".join(f"{path}\n" for path in kept).encode()
    hashes = git.output(
        store, "hash-object", "-w", "--no-filters", "--stdin-paths", given=paths, settings=settings
    )
    entries = "".join(
        f"{'100755' if os.access(path, os.X_OK) else '100644'} {blob}\t{path.relative_to(root).as_posix()}\0"
        for path, blob in zip(kept, hashes.decode().split(), strict=True)
    )
    git.output(store, "update-index", "-z", "--index-info", given=entries.encode(), settings=settings)
    return git.output(store, "write-tree", settings=settings).decode().strip()


def _tag_all(store: Path, trees: Mapping[str, str], settings: Mapping[str, str]) -> None:
    named = {**settings, **git.IDENTITY}
    parent: tuple[str, ...] = ()
    for tag, tree in trees.items():
        written = git.output(store, "commit-tree", tree, *parent, "-m", f"Templates of {tag}", settings=named)
        commit = written.decode().strip()
        git.output(store, "update-ref", f"refs/tags/{tag}", commit, settings=settings)
        parent = ("-p", commit)
