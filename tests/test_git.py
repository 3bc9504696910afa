"""Git as the program runs it: alone, quiet, and to the end."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from projects import git as owners_git

from generator import git
from generator.errors import GitError

if TYPE_CHECKING:
    from pathlib import Path


def test_interrupt_waits_until_git_has_finished(tmp_path: Path) -> None:
    owners_git(tmp_path, "init", "--quiet")
    interrupt = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()

    with pytest.raises(KeyboardInterrupt):
        git.run_to_the_end(tmp_path, "-c", "alias.slow=!sleep 2; touch finished", "slow")

    assert (tmp_path / "finished").exists()


def test_failure_says_what_git_said(tmp_path: Path) -> None:
    owners_git(tmp_path, "init", "--quiet")

    with pytest.raises(GitError, match="git rev-parse failed: Needed a single revision") as failed:
        git.run_to_the_end(tmp_path, "rev-parse", "--verify", "nothing")

    assert failed.value.exit_code == 128


def test_repository_of_a_hook_is_not_the_one_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners_git(tmp_path, "init", "--quiet", "asked")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))

    shown = git.output(tmp_path / "asked", "rev-parse", "--show-toplevel")

    assert shown.decode().strip() == str((tmp_path / "asked").resolve())
