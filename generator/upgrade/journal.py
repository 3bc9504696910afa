"""Notes beside a repository's state about a merge that is being applied, so that a kill leaves no half of it.

Git writes a work tree file by file. The notes lie in the git directory until all is done; whoever finds them
there, and nobody at work, completes the merge where the work tree had got all of it, and takes it back where
it had not. The index is prepared beside its place and moved there; until then it is locked as git locks it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator import git
from generator.errors import GitError, ProjectError
from generator.upgrade import checkout, undoing
from generator.upgrade.undoing import Begun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.upgrade.checkout import Checkout

__all__ = ["Step", "mend", "run"]

_NAME = "new-service-upgrade"
_LOCK, _PLAN, _INDEX, _MERGED, _DONE = "lock", "plan", "index", "merged", "done"
_NAMES = ("tree", "merged", "subject", "branch")

# `$1` is the folder of the notes, `$2` the git directory. The lock is the plan itself, to be known again.
_MERGE = """
    { ln "$1/plan" "$2/index.lock" 2>/dev/null || (set -C && cat "$1/plan" >"$2/index.lock"); } &&
    { ln "$2/index" "$1/index" 2>/dev/null || cp -p "$2/index" "$1/index"; } &&
    (
        GIT_INDEX_FILE="$1/index" && export GIT_INDEX_FILE && { git update-index -q --refresh || :; } &&
        git read-tree -m -u "$4" "$5" && git update-index -z --index-info <"$1/entries"
    ) && mv "$1/index" "$1/merged" &&"""
# It may run again after a part of it.
_FINISH = """
    cp -p "$1/merged" "$1/new" && mv -f "$1/new" "$2/index" && cp "$1/message" "$2/MERGE_MSG" &&
    {
        [ -z "$6" ] ||
        {
            { git show-ref --verify --quiet "refs/heads/$6" || git update-ref "refs/heads/$6" "$3" ""; } &&
            git symbolic-ref HEAD "refs/heads/$6"
        }
    } && mv "$1/plan" "$1/done" && rm -f "$2/index.lock"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is to become of a work tree and its index.

    Attributes:
        tree: What the index has before.
        merged: What the work tree has afterwards.
        entries: Lines for `git update-index` that open conflicts.
        subject: Offered as the commit's message.
        branch: To be made and checked out; empty for the one that is.
    """

    tree: str
    merged: str
    entries: bytes
    subject: str
    branch: str


def run(place: Checkout, step: Step) -> None:
    """Take a step, whole or not at all.

    One process of git runs all of it, and ends it whatever becomes of this program.

    Raises:
        GitError: Git could not, and all is as it was.
        ProjectError: Another upgrade is at work.
    """
    with _noted(place, step) as (folder, lock):
        try:
            _in_shell(place, folder, step, _MERGE + _FINISH, kept=(lock,))
        except GitError:
            _end(place, folder)
            raise
        if (folder / _DONE).exists():
            shutil.rmtree(folder)


def _in_shell(place: Checkout, folder: Path, step: Step, text: str, *, kept: tuple[int, ...] = ()) -> None:
    words = (str(folder), str(place.git_dir), place.head, step.tree, step.merged, step.branch)
    alias = f"alias.merge-render=!f() {{ {text} }}; f"
    git.run_to_the_end(place.top, "-c", alias, "merge-render", *words, kept=kept)


@contextmanager
def _noted(place: Checkout, step: Step) -> Iterator[tuple[Path, int]]:
    """Write the notes, which appear whole, and hold their lock as long as anybody is at work."""
    folder = place.git_dir / _NAME
    plan = {
        "head": place.head,
        **{name: getattr(step, name) for name in _NAMES},
    }
    try:
        made = Path(tempfile.mkdtemp(prefix=f"{_NAME}.", dir=place.git_dir))
        lock = _locked(made)
        (made / "entries").write_bytes(step.entries)
        (made / "message").write_text(f"{step.subject}\n", encoding="utf-8")
        (made / _PLAN).write_text(json.dumps(plan), encoding="utf-8")
        made.rename(folder)
    except OSError as error:
        if folder.exists():
            raise _at_work(place) from error
        raise ProjectError(
            f"{place.folder}: cannot write to {place.git_dir}: {error.strerror}",
            hint="make it writable for you",
        ) from error
    try:
        yield folder, lock
    finally:
        os.close(lock)


def _locked(folder: Path) -> int:
    """Return an open file that nobody else can lock while it is open anywhere.

    Raises:
        OSError: Somebody has it.
    """
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    if os.name == "posix":
        import fcntl

        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise
    return lock


def _at_work(place: Checkout) -> ProjectError:
    return ProjectError(
        f"{place.folder}: another upgrade is at work in this repository", hint="wait until it has ended"
    )


def mend(folder: Path, *, looks: bool) -> None:
    """Complete or take back what a killed run has left in the repository of a folder, if it left anything.

    Args:
        folder: A project.
        looks: Whether this run is to change nothing.

    Raises:
        ProjectError: It was completed and stands uncommitted; or it cannot be mended, or is not to be.
    """
    if not _notes_above(folder):
        return
    place = checkout.find(folder)
    if looks:
        raise ProjectError(
            f"{folder}: an upgrade was killed half-way in this repository",
            hint="`new-service upgrade` completes it or takes it back",
        )
    for left in sorted(place.git_dir.glob(f"{_NAME}*")):
        try:
            lock = _locked(left)
        except OSError as error:
            raise _at_work(place) from error
        try:
            _end(place, left)
        finally:
            os.close(lock)


def _notes_above(folder: Path) -> bool:
    """Tell whether there are notes, without asking git, which most runs need not do twice."""
    found = next((place / ".git" for place in (folder, *folder.parents) if (place / ".git").exists()), None)
    if found is None:
        return False
    if found.is_file():
        named = found.read_text(encoding="utf-8", errors="surrogateescape").partition("gitdir:")[2].strip()
        found = found.parent / named
    return any(found.glob(f"{_NAME}*"))


def _end(place: Checkout, folder: Path) -> None:
    """Bring a step to one of its two ends and remove its notes."""
    lock = place.git_dir / "index.lock"
    plan = folder / (_DONE if (folder / _DONE).exists() else _PLAN)
    noted = plan.read_bytes() if plan.exists() else b""
    is_ours = bool(noted) and lock.is_file() and lock.read_bytes() == noted
    if plan.name == _PLAN and noted:
        loaded = json.loads(noted)
        step = Step(entries=b"", **{name: loaded[name] for name in _NAMES})
        if is_ours and (folder / _MERGED).exists():
            _in_shell(place, folder, step, _FINISH)
            shutil.rmtree(folder)
            raise ProjectError(
                f"{place.folder}: an upgrade that was killed here is complete now, and not committed",
                hint="`git diff --cached` shows it, `git commit` takes it, `git reset --merge` undoes it",
            )
        # Whoever met the lock may have removed it.
        if is_ours or (folder / _INDEX).exists() or (folder / _MERGED).exists():
            undoing.take_back(place, Begun(head=loaded["head"], tree=step.tree, merged=step.merged), folder)
    if is_ours:
        lock.unlink()
    shutil.rmtree(folder)
