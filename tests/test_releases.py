"""Releases of the templates: found by tag or by commit, and packed into a bundle that is always the same."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from projects import git

from generator import releases

if TYPE_CHECKING:
    from pathlib import Path


class Clone:
    """A small repository laid out like this one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "templates" / "lambda").mkdir(parents=True)
        (root / "generator").mkdir()
        git(root, "init", "--quiet", "-b", "main")
        self.change("0.1.0", "unreleased", "first")

    def change(self, version: str, day: str, text: str) -> None:
        """Commit a state: version, what its heading says of the day, and a template."""
        heading = f"## {version} - {day}\n"
        changelog = self.root / "CHANGELOG.md"
        before = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
        rest = before.partition("\n")[2] if before.startswith(f"## {version} ") else before
        changelog.write_text(heading + rest, encoding="utf-8")
        (self.root / "generator" / "__init__.py").write_text(f'__version__ = "{version}"\n', encoding="utf-8")
        (self.root / "copier.yml").write_text("_subdirectory: templates/lambda\n", encoding="utf-8")
        (self.root / "templates" / "lambda" / "README.md").write_text(text, encoding="utf-8")
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--message", text)

    def tag(self, name: str) -> None:
        git(self.root, "tag", name)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """Two releases by their change log, the second with a commit after it, and a third to come."""
    made = Clone(tmp_path / "clone")
    made.change("0.1.0", "2026-01-01", "released")
    made.change("0.2.0", "unreleased", "work")
    made.change("0.2.0", "2026-02-02", "released again")
    made.change("0.2.0", "2026-02-02", "after the release")
    made.change("0.3.0", "unreleased", "next")
    return made


def packed(root: Path, target: Path, version: str = "0.3.0") -> dict[str, str]:
    """Return the template of each tag in the bundle."""
    releases.pack(root, version, target)
    store = target.parent / f"{target.name}.git"
    git(target.parent, "init", "--quiet", "--bare", store.name)
    git(store, "fetch", "--quiet", str(target), "refs/tags/*:refs/tags/*")
    return {
        tag: git(store, "show", f"{tag}:templates/lambda/README.md")
        for tag in git(store, "tag", "--list").split()
    }


def test_release_commit_is_the_first_that_the_change_log_dates(clone: Clone, tmp_path: Path) -> None:
    assert packed(clone.root, tmp_path / "bundle") == {
        "v0.1.0": "released",
        "v0.2.0": "released again",
        "v0.3.0": "next",
    }


def test_tag_wins_over_the_release_commit(clone: Clone, tmp_path: Path) -> None:
    git(clone.root, "tag", "v0.2.0", "HEAD~1")

    assert packed(clone.root, tmp_path / "bundle")["v0.2.0"] == "after the release"


def test_tags_that_name_no_release_or_lie_elsewhere_are_left_out(clone: Clone, tmp_path: Path) -> None:
    clone.tag("v0.2.5-rc1")
    git(clone.root, "checkout", "--quiet", "-b", "elsewhere", "HEAD~3")
    clone.change("0.1.9", "unreleased", "elsewhere")
    clone.tag("v0.1.9")
    git(clone.root, "checkout", "--quiet", "main")

    assert list(packed(clone.root, tmp_path / "bundle")) == ["v0.1.0", "v0.2.0", "v0.3.0"]


def test_what_is_built_is_what_stands_there_and_nothing_that_python_left(
    clone: Clone, tmp_path: Path
) -> None:
    template = clone.root / "templates" / "lambda"
    (template / "README.md").write_text("not committed", encoding="utf-8")
    (template / "__pycache__").mkdir()
    (template / "__pycache__" / "x.pyc").write_bytes(b"\0")
    (template / "run").write_text("#!/bin/sh\r\n", encoding="utf-8", newline="")
    (template / "run").chmod(0o755)
    (clone.root / ".gitattributes").write_text("* text=auto eol=lf\n", encoding="utf-8")

    assert packed(clone.root, tmp_path / "bundle")["v0.3.0"] == "not committed"
    listed = git(tmp_path / "bundle.git", "ls-tree", "-r", "v0.3.0").splitlines()
    assert [(line.split()[0], line.split("\t")[1]) for line in listed] == [
        ("100644", "copier.yml"),
        ("100644", "templates/lambda/README.md"),
        ("100755", "templates/lambda/run"),
    ]
    size = git(tmp_path / "bundle.git", "cat-file", "-s", "v0.3.0:templates/lambda/run")
    assert int(size) == len("#!/bin/sh\r\n")


def test_shallow_clone_without_tags_has_its_own_version(clone: Clone, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{clone.root}", "shallow")

    assert packed(tmp_path / "shallow", tmp_path / "bundle") == {"v0.3.0": "next"}


def test_folder_without_git_has_its_own_version(clone: Clone, tmp_path: Path) -> None:
    shutil.rmtree(clone.root / ".git")

    assert packed(clone.root, tmp_path / "bundle") == {"v0.3.0": "next"}


def test_folder_inside_another_repository_is_no_clone(clone: Clone, tmp_path: Path) -> None:
    shutil.rmtree(clone.root / ".git")
    git(tmp_path, "init", "--quiet")

    assert packed(clone.root, tmp_path / "bundle") == {"v0.3.0": "next"}


def test_nothing_committed_yet_is_no_release(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")

    assert releases.find(tmp_path) == {}


def test_same_releases_give_the_same_bytes_in_every_clone(clone: Clone, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", f"file://{clone.root}", "other")
    git(clone.root, "gc", "--quiet", "--aggressive", "--prune=now")
    for name, root in (("one", clone.root), ("two", tmp_path / "other")):
        releases.pack(root, "0.3.0", tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("tag", "number"),
    [("v1.2.3", (1, 2, 3)), ("v0.0.10", (0, 0, 10)), ("1.2.3", None), ("v1.2", None), ("v1.2.3-rc1", None)],
)
def test_tag_of_a_release_is_a_number(tag: str, number: tuple[int, ...] | None) -> None:
    assert releases.key(tag) == number
