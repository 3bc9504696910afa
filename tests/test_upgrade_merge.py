"""No line of an owner is lost: random edits of random trees, merged with what the template did meanwhile.

`NEW_SERVICE_EXAMPLES=1000` tries as many scripts of edits for each property.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from projects import git

from generator.upgrade import applying, checkout, merging

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = int(os.environ.get("NEW_SERVICE_EXAMPLES", "24"))
THOROUGH = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # To shrink takes minutes where each example starts twenty processes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)

NAMES = (
    "README.md",
    "src/app.py",
    "src/handlers/http.py",
    "src/handlers/queue.py",
    "tests/test_app.py",
    "logo",
)
OWN_NAMES = ("notes.md", "src/handlers/own.py", "moved/app.py")


@dataclass(frozen=True, slots=True)
class File:
    """Content and exec bit of a file."""

    content: bytes
    is_program: bool = False


Tree = dict[str, File]

TEMPLATE_LINES = st.lists(st.sampled_from([f"template {number}" for number in range(12)]), max_size=9)


def text(lines: list[str], end: str = "\n") -> bytes:
    return "".join(f"{line}{end}" for line in lines).encode()


template_files = st.builds(lambda lines, program: File(text(lines), program), TEMPLATE_LINES, st.booleans())
renders = st.dictionaries(st.sampled_from(NAMES), template_files, min_size=1)


CHANGES = ("line", "drop", "replace", "mode", "binary", "crlf", "end")


@st.composite
def edited(draw: st.DrawFn, old: Tree) -> Tree:
    """Return what an owner may have made of a render; each line they wrote is like no other."""
    tree = dict(old)
    for number in range(draw(st.integers(0, 6))):
        act = draw(st.sampled_from((*CHANGES, "file", "delete", "rename"))) if tree else "file"
        if act == "file":
            name = draw(st.sampled_from((*OWN_NAMES, *NAMES)))
            if not any(name.startswith(f"{other}/") or other.startswith(f"{name}/") for other in tree):
                tree[name] = File(f"own file {number}\n".encode())
            continue
        name = draw(st.sampled_from(sorted(tree)))
        file = tree.pop(name)
        if act == "rename":
            tree[draw(st.sampled_from(OWN_NAMES))] = file
        elif act != "delete":
            lines = file.content.splitlines(keepends=True)
            changed = changed_lines(act, lines, draw(st.integers(0, len(lines))), number)
            tree[name] = File(b"".join(changed), file.is_program is not (act == "mode"))
    return tree


def changed_lines(act: str, lines: list[bytes], place: int, number: int) -> list[bytes]:
    """Return the lines of a file after one act of its owner."""
    if act in {"line", "replace", "drop"}:
        written = [] if act == "drop" else [f"own {act} {number}\n".encode()]
        return [*lines[:place], *written, *lines[place + (act != "line") :]]
    if act == "binary":
        return [bytes([0, 255, number]), b"\n", f"own bytes {number}\n".encode()]
    if act == "crlf":
        return [line.rstrip(b"\r\n") + b"\r\n" for line in lines]
    if act == "end" and lines:
        return [*lines[:-1], lines[-1].rstrip(b"\r\n")]
    return lines


@st.composite
def histories(draw: st.DrawFn) -> tuple[Tree, Tree, Tree, str]:
    """Return an old render, what the owner made of it, a new render, and the project's place."""
    old = draw(renders)
    new = dict(old)
    for name in draw(st.sets(st.sampled_from(NAMES))):
        new[name] = draw(template_files)
    for name in draw(st.sets(st.sampled_from(NAMES), max_size=2)):
        new.pop(name, None)
    return old, draw(edited(old)), new, draw(st.sampled_from(("", "services/one/")))


def write(folder: Path, tree: Mapping[str, File]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.is_program else 0o644)
    return folder


def read(folder: Path) -> Tree:
    return {
        path.relative_to(folder).as_posix(): File(path.read_bytes(), os.access(path, os.X_OK))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


class Bench:
    """A repository with a project in it, and merges into it."""

    def __init__(self, scratch: Path, owners: Tree, prefix: str) -> None:
        self.scratch, self.top = scratch, scratch / "repository"
        self.folder = self.top / prefix if prefix else self.top
        write(self.top, {"other/README.md": File(b"template 1\ntemplate 2\n")} if prefix else {})
        write(self.folder, owners)
        git(self.top, "init", "--quiet", "-b", "main")
        self.commit()

    def commit(self) -> None:
        git(self.top, "add", "--all", "--force")
        git(self.top, "commit", "--quiet", "--allow-empty", "--message", "owner")

    def merge(
        self, old: Tree | None, new: Tree, *, follows_renames: bool = True, adopts: bool = False
    ) -> merging.Merge:
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            sides = Path(folder)
            before = None if old is None else write(sides / "old", old)
            after = write(sides / "new", new)
            manner = merging.Manner(
                subject="chore: upgrade", follows_renames=follows_renames, keeps_own_files=adopts
            )
            # Git takes away a folder with the last file in it; the owner's projects have their answers.
            self.folder.mkdir(parents=True, exist_ok=True)
            place = checkout.find(self.folder)
            merge = merging.prepare(merging.bench(place, sides, writes=True), before, after, manner)
            if merge.files or merge.conflicts:
                applying.apply(place, merge)
        return merge


def owned_lines(owners: Tree) -> set[bytes]:
    """Return the lines that only the owner can have written."""
    return {
        line.rstrip(b"\r\n")
        for file in owners.values()
        for line in file.content.splitlines()
        if line.startswith(b"own ")
    }


def visible(bench: Bench) -> bytes:
    """Return everything that a person finds: the work tree, and all sides of open conflicts."""
    stages = git(bench.top, "ls-files", "--unmerged", "-z").split("\0")
    sides = [
        subprocess.run(
            ["git", "cat-file", "blob", line.split()[1]], cwd=bench.top, capture_output=True, check=True
        ).stdout
        for line in stages
        if line
    ]
    return b"\n".join([*(file.content for file in read(bench.top).values()), *sides])


def run(history: tuple[Tree, Tree, Tree, str], *, follows_renames: bool) -> None:
    old, owners, new, prefix = history
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), owners, prefix)

        merge = bench.merge(old, new, follows_renames=follows_renames)

        found = visible(bench)
        lost = {line for line in owned_lines(owners) if line not in found}
        assert not lost, lost
        unmerged = {
            line.split("\t")[1].removeprefix(prefix)
            for line in git(bench.top, "ls-files", "-u", "-z").split("\0")
            if line
        }
        assert {conflict.path for conflict in merge.conflicts} == unmerged
        now = read(bench.folder)
        # Between versions a file may go where the template has moved it, with the owner's lines.
        gone = {
            name
            for name, file in owners.items()
            if not follows_renames
            and name not in now
            and old.get(name) != file
            and file.content not in {one.content for one in now.values()}
        }
        assert not gone - unmerged, gone
        if prefix:
            assert read(bench.top / "other") == {"README.md": File(b"template 1\ntemplate 2\n")}


@THOROUGH
@given(histories())
def test_no_line_of_the_owner_is_lost_between_versions(history: tuple[Tree, Tree, Tree, str]) -> None:
    run(history, follows_renames=True)


@THOROUGH
@given(histories())
def test_no_line_of_the_owner_is_lost_in_a_move(history: tuple[Tree, Tree, Tree, str]) -> None:
    run(history, follows_renames=False)


@THOROUGH
@given(histories())
def test_adoption_overwrites_no_file(history: tuple[Tree, Tree, Tree, str]) -> None:
    _, owners, new, prefix = history
    if any(name.startswith(f"{other}/") for name in {*owners, *new} for other in {*owners, *new}):
        return
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), owners, prefix)

        merge = bench.merge(None, new, follows_renames=False, adopts=True)

        now = read(bench.folder)
        assert {name: now[name].content for name in owners} == {
            name: file.content for name, file in owners.items()
        }
        assert {name: now[name] for name in new.keys() - owners.keys()} == {
            name: new[name] for name in new.keys() - owners.keys()
        }
        differing = {name for name in new.keys() & owners.keys() if new[name] != owners[name]}
        assert {conflict.path for conflict in merge.conflicts} == differing


@settings(THOROUGH, max_examples=EXAMPLES // 4)
@given(histories())
def test_upgrade_to_the_same_templates_changes_nothing(history: tuple[Tree, Tree, Tree, str]) -> None:
    old, owners, _, prefix = history
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), owners, prefix)
        before = read(bench.top)

        merge = bench.merge(old, old)

        assert (merge.files, merge.conflicts) == ((), ())
        assert read(bench.top) == before
        assert git(bench.top, "status", "--porcelain") == ""


@settings(THOROUGH, max_examples=EXAMPLES // 4)
@given(history=histories(), follows_renames=st.booleans())
def test_second_upgrade_changes_nothing_that_the_first_has_left(
    *, history: tuple[Tree, Tree, Tree, str], follows_renames: bool
) -> None:
    old, owners, new, prefix = history
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), owners, prefix)
        bench.merge(old, new, follows_renames=follows_renames)
        bench.commit()
        once = read(bench.top)

        again = bench.merge(new, new, follows_renames=follows_renames)

        assert (again.files, again.conflicts) == ((), ())
        assert read(bench.top) == once
        assert git(bench.top, "status", "--porcelain") == ""


@settings(THOROUGH, max_examples=EXAMPLES // 4)
@given(histories(), renders)
def test_two_upgrades_equal_one_over_both(history: tuple[Tree, Tree, Tree, str], last: Tree) -> None:
    old, owners, new, prefix = history
    with tempfile.TemporaryDirectory() as scratch:
        steps = Bench(Path(scratch) / "steps", owners, prefix)
        leap = Bench(Path(scratch) / "leap", owners, prefix)
        first = steps.merge(old, new, follows_renames=False)
        if first.conflicts:
            return
        steps.commit()
        second = steps.merge(new, last, follows_renames=False)
        over_both = leap.merge(old, last, follows_renames=False)
        if second.conflicts or over_both.conflicts:
            return

        assert read(steps.folder) == read(leap.folder)


def test_removing_the_scratch_leaves_the_merge_whole(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"README.md": File(b"a\n")}, "")
    bench.merge({"README.md": File(b"a\n")}, {"README.md": File(b"b\n"), "new": File(b"n\n")})
    for folder in tmp_path.iterdir():
        if folder != bench.top:
            shutil.rmtree(folder)

    bench.commit()

    assert git(bench.top, "fsck", "--strict", "--no-dangling").strip() == ""
    assert git(bench.top, "show", "HEAD:new") == "n\n"
