"""Killed at any moment, an upgrade is complete, or the next one takes it back; nothing is lost on the way.

`NEW_SERVICE_KILLS=50` kills as many.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from projects import Project, Workshop, git
from toolbox import REPOSITORY

from generator.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.upgrade.report import Report

KILLS = int(os.environ.get("NEW_SERVICE_KILLS", "4"))
ANSWERS = ("trigger=event", "event_kind=queue")
HANDLER = "src/shipping_quotes/handlers/queue.py"
NOTES = "new-service-upgrade"


@pytest.fixture
def project(kept_of_this_release: Path, tmp_path: Path) -> Project:
    folder = shutil.copytree(kept_of_this_release, tmp_path / "shop")
    return Project(folder=folder, top=folder)


def start(project: Project, scratch: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start an upgrade that moves the project, with all that it starts in a session of its own."""
    data = [word for answer in ANSWERS for word in ("--data", answer)]
    return subprocess.Popen(
        [sys.executable, "-m", "generator", "upgrade", *data, *options],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", "TMPDIR": str(scratch)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def finish(project: Project, scratch: Path, *options: str) -> tuple[int, str]:
    process = start(project, scratch, *options)
    told, _ = process.communicate(timeout=300)
    return process.returncode, told.decode()


def kill_with_descendants(root: int) -> None:
    """Kill a process and everything below it at one moment, git in its own session included."""
    stopped: list[int] = []
    waiting = [root]
    while waiting:
        number = waiting.pop()
        try:
            os.kill(number, signal.SIGSTOP)
        except ProcessLookupError:
            continue
        stopped.append(number)
        for task in Path(f"/proc/{number}/task").glob("*/children"):
            waiting += [int(child) for child in task.read_text(encoding="ascii").split()]
    for number in reversed(stopped):
        os.kill(number, signal.SIGKILL)


def killed(project: Project, scratch: Path, seconds: float, *, in_writing: bool) -> None:
    """Kill an upgrade some time after it began, or after it began to write."""
    process = start(project, scratch)
    notes = project.top / ".git" / NOTES
    while in_writing and process.poll() is None and not notes.exists():
        time.sleep(0.0005)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_with_descendants(process.pid)
        process.communicate()


def state(project: Project) -> tuple[object, object]:
    return project.files(), project.status()


def left_behind(project: Project) -> list[str]:
    """Return what only a merge that is not over may have there."""
    git_dir = project.top / ".git"
    return [path.name for path in git_dir.iterdir() if NOTES in path.name or path.suffix == ".lock"]


@pytest.fixture
def dying(project: Project, tmp_path: Path) -> Project:
    """A project in which git dies, with all around it, when it is about to write the new handler."""
    script = tmp_path / "die"
    lines = (
        "#!/bin/sh",
        f'while [ -s "{tmp_path}/victim" ]; do kill -9 "$(cat "{tmp_path}/victim")"; break; done',
        f'[ -e "{tmp_path}/die" ] && kill -9 0',
        "cat",
        "",
    )
    script.write_text("\n".join(lines), encoding="utf-8")
    script.chmod(0o755)
    git(project.folder, "config", "filter.die.smudge", f"sh -c '[ ! -e {script} ] || exec {script}; cat'")
    git(project.folder, "config", "filter.die.clean", "cat")
    project.write(".gitattributes", "**/queue.py filter=die\n")
    project.commit()
    return project


def test_git_that_is_killed_amid_its_work_leaves_all_as_it_was(workshop: Workshop, dying: Project) -> None:
    before = state(dying)

    with pytest.raises(ProjectError, match="all is as it was"):
        workshop.upgrade(dying, *ANSWERS, branch="moved")

    assert state(dying) == before
    assert left_behind(dying) == []
    assert git(dying.folder, "branch", "--format=%(refname:short)").split() == ["main"]


@pytest.fixture
def half_done(dying: Project, tmp_path: Path) -> Project:
    """A project whose upgrade was killed with git, when a part of the files was written."""
    before = state(dying)
    process = start(dying, tmp_path, "--branch", "moved")
    (tmp_path / "victim").write_text(str(process.pid), encoding="ascii")
    process.communicate(timeout=300)
    (tmp_path / "die").unlink()
    assert process.returncode == -signal.SIGKILL
    assert state(dying) != before
    assert sorted(left_behind(dying)) == ["index.lock", NOTES]
    return dying


def upgraded(workshop: Workshop, project: Project) -> Report:
    return workshop.upgrade(project, *ANSWERS, branch="moved")


def test_next_upgrade_begins_anew(workshop: Workshop, half_done: Project, tmp_path: Path) -> None:
    whole = Project(folder=tmp_path / "whole", top=tmp_path / "whole")
    git(tmp_path, "clone", "--quiet", str(half_done.folder), "whole")

    report = upgraded(workshop, half_done)

    assert (report.state, report.conflicts) == ("merged", ())
    upgraded(workshop, whole)
    assert state(half_done) == state(whole)
    assert left_behind(half_done) == []
    assert git(half_done.folder, "branch", "--show-current").strip() == "moved"


def test_looking_mends_nothing_and_says_so(workshop: Workshop, half_done: Project) -> None:
    before = half_done.files()

    with pytest.raises(ProjectError, match="was killed half-way"):
        workshop.upgrade(half_done, dry_run=True)

    assert half_done.files() == before
    assert sorted(left_behind(half_done)) == ["index.lock", NOTES]


@pytest.mark.parametrize("kind", ["edited", "created", "staged", "committed"])
def test_what_was_done_after_a_kill_is_not_touched(workshop: Workshop, half_done: Project, kind: str) -> None:
    lock = half_done.folder / ".git" / "index.lock"
    if kind == "edited":
        half_done.append("Makefile", "# ours\n")
    elif kind == "created":
        half_done.write(HANDLER, "OURS = 1\n")
    else:
        # Git asks its user to remove a lock that nobody holds.
        lock.unlink()
        half_done.write("notes.md", "ours\n")
        git(half_done.folder, "add", "notes.md")
        if kind == "committed":
            git(half_done.folder, "commit", "--quiet", "--message", "ours")
    before = state(half_done)

    with pytest.raises(ProjectError, match="somebody has worked on since") as refused:
        upgraded(workshop, half_done)

    assert state(half_done) == before
    assert str(half_done.folder / ".git" / NOTES) in refused.value.hint


def test_lock_that_its_finder_removed_keeps_nothing_from_being_mended(
    workshop: Workshop, half_done: Project
) -> None:
    (half_done.folder / ".git" / "index.lock").unlink()

    assert upgraded(workshop, half_done).state == "merged"
    assert left_behind(half_done) == []


def test_lock_of_another_git_is_left_to_it(workshop: Workshop, project: Project) -> None:
    lock = project.folder / ".git" / "index.lock"
    lock.write_bytes(b"")
    before = project.files()

    with pytest.raises(ProjectError, match="another git is at work"):
        workshop.upgrade(project, *ANSWERS)

    assert project.files() == before
    assert left_behind(project) == ["index.lock"]


def test_two_upgrades_of_a_repository_do_not_meet(workshop: Workshop, half_done: Project) -> None:
    before = half_done.files()
    with (half_done.folder / ".git" / NOTES / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(ProjectError, match="another upgrade is at work"):
            upgraded(workshop, half_done)

    assert half_done.files() == before


@pytest.mark.parametrize("reached", ["merged", "index", "branch"])
def test_kill_after_the_last_file_is_a_complete_merge(project: Project, tmp_path: Path, reached: str) -> None:
    whole = Project(folder=shutil.copytree(project.folder, tmp_path / "whole"), top=tmp_path / "whole")
    assert finish(whole, tmp_path, "--branch", "moved")[0] == 0
    # Instead of the command that would come next, git's shell gets one that kills it and all around it.
    command = {"merged": "cp", "index": "mv", "branch": "rm"}[reached]
    commands = tmp_path / "commands"
    commands.mkdir()
    real = shutil.which(command)
    when = {"merged": "*/merged", "index": "*/new", "branch": "*/index.lock"}[reached]
    lines = (
        "#!/bin/sh",
        "for word do case $word in",
        f'    {when}) kill -9 "$(cat "{tmp_path}/victim")"; kill -9 0 ;;',
        "esac; done",
        f'exec {real} "$@"',
        "",
    )
    (commands / command).write_text("\n".join(lines), encoding="utf-8")
    (commands / command).chmod(0o755)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{commands}{os.pathsep}{path}"
    try:
        process = start(project, tmp_path, "--branch", "moved")
    finally:
        os.environ["PATH"] = path
    (tmp_path / "victim").write_text(str(process.pid), encoding="ascii")
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL

    code, told = finish(project, tmp_path, "--branch", "moved")

    assert code == 2
    assert ("is complete now" if reached != "branch" else "not committed") in told
    assert state(project) == state(whole)
    assert left_behind(project) == []
    assert git(project.folder, "branch", "--show-current").strip() == "moved"
    git(project.folder, "reset", "--merge")
    assert project.status() == {}


@pytest.mark.slow
def test_kill_at_any_moment_loses_nothing_and_leaves_nothing_half_done(
    project: Project, tmp_path: Path
) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    whole = Project(folder=shutil.copytree(project.folder, tmp_path / "whole"), top=tmp_path / "whole")
    untouched, began = state(project), time.monotonic()
    assert finish(whole, scratch)[0] == 0
    took, chance = time.monotonic() - began, random.Random(6)  # noqa: S311  moments, not secrets
    outcomes: dict[str, int] = {}

    for number in range(KILLS):
        folder = tmp_path / f"killed-{number}"
        victim = Project(folder=shutil.copytree(project.folder, folder), top=folder)
        in_writing = number % 4 != 0
        killed(victim, scratch, chance.uniform(0, 0.1 if in_writing else took), in_writing=in_writing)
        outcome = mended(victim, scratch, {"as it was": untouched, "merged": state(whole)})
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        assert state(victim) == state(whole), outcome
        assert left_behind(victim) == []
        assert git(victim.folder, "fsck", "--strict", "--no-dangling").strip() == ""
        shutil.rmtree(folder)

    sys.stdout.write(f"{outcomes}\n")
    assert list(scratch.iterdir()) == []


def mended(victim: Project, scratch: Path, known: Mapping[str, tuple[object, object]]) -> str:
    """Upgrade again as a person would, and tell what the kill had left."""
    found = "half done" if left_behind(victim) else ""
    found = found or next((name for name, one in known.items() if state(victim) == one), "neither")
    assert found != "neither", victim.status()
    if found != "merged":
        # Of what was complete before the kill nobody can tell whether its owner has looked at it since.
        was_done = any(victim.folder.glob(".git/new-service-upgrade*/done"))
        code, told = finish(victim, scratch)
        assert code == 0 or ("are not committed" if was_done else "is complete now") in told, told
    else:
        finish(victim, scratch)
    return found
