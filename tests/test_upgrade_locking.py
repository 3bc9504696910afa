"""What is merged stays locked, where its owner has locked it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from projects import Workshop, git
from rendering import EXAMPLES, TASKS
from test_upgrade_move import data_from
from toolbox import tool

from generator.upgrade.templates import OWN_TAG

if TYPE_CHECKING:
    from pathlib import Path

    from projects import Project

pytestmark = pytest.mark.slow

MOVE = data_from(EXAMPLES["queue"], TASKS["queue"])


@pytest.fixture
def locked(workshop: Workshop) -> Project:
    """A queue's function, with its lock file committed."""
    project = workshop.project(tag=OWN_TAG, event_source="queue")
    uv(project.folder, "lock")
    project.commit()
    return project


def uv(folder: Path, *words: str) -> int:
    return subprocess.run([tool("uv"), *words], cwd=folder, check=False, capture_output=True).returncode


def test_lock_file_fits_what_a_move_made_of_the_project(workshop: Workshop, locked: Project) -> None:
    assert uv(locked.folder, "lock", "--check") == 0

    report = workshop.upgrade(locked, *MOVE, commits=True)

    assert (report.state, report.lock_note) == ("committed", "")
    assert ("M", "uv.lock") in {(change.status, change.path) for change in report.files}
    assert locked.status() == {}
    assert uv(locked.folder, "lock", "--check") == 0


def test_preview_names_the_lock_file_and_leaves_it(workshop: Workshop, locked: Project) -> None:
    before = locked.read("uv.lock")

    report = workshop.upgrade(locked, *MOVE, dry_run=True)

    assert "uv.lock" in {change.path for change in report.files}
    assert locked.read("uv.lock") == before


def test_without_uv_a_person_is_told_what_to_run(
    workshop: Workshop, locked: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = locked.read("uv.lock")
    for name in ("git", "sh", "cat", "cp", "ln", "mv", "rm"):
        (tmp_path / name).symlink_to(tool(name))
    monkeypatch.setenv("PATH", str(tmp_path))

    report = workshop.upgrade(locked, *MOVE)

    assert (report.state, report.conflicts) == ("merged", ())
    assert "run `uv lock`: uv is not installed" in report.lock_note
    assert locked.read("uv.lock") == before


def test_project_that_is_open_in_a_conflict_is_not_locked(workshop: Workshop, locked: Project) -> None:
    before = locked.read("uv.lock")
    ours = locked.read("pyproject.toml").replace(
        "aws-lambda-powertools>=3.37,<4", "aws-lambda-powertools>=3,<4"
    )
    locked.write("pyproject.toml", ours)
    locked.commit()

    report = workshop.upgrade(locked, *MOVE)

    assert "pyproject.toml" in {conflict.path for conflict in report.conflicts}
    assert "once pyproject.toml is resolved" in report.lock_note
    assert git(locked.top, "show", ":uv.lock") == before


def test_lock_file_that_still_fits_is_left_alone(workshop: Workshop, locked: Project) -> None:
    before = locked.read("uv.lock")

    workshop.upgrade(locked, "owner=@acme/others", commits=True)

    assert locked.read("uv.lock") == before
