"""Runs git, away from everything that ties it to another repository and from every question it could ask."""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import TYPE_CHECKING

from generator.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["IDENTITY", "UNCONFIGURED", "answer", "environment", "output", "run_to_the_end"]

UNCONFIGURED: Mapping[str, str] = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
"""For work whose result must be the same on every machine."""

IDENTITY: Mapping[str, str] = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in {
        "NAME": "new-service",
        "EMAIL": "new-service@localhost",
        "DATE": "1577836800 +0000",
    }.items()
}
"""Of commits that nobody sees: the same on every day, so that equal trees give equal commits."""

_TIED = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
)


def environment() -> dict[str, str]:
    """Return the environment without what ties git to another repository, as inside a hook."""
    return {key: value for key, value in os.environ.items() if key not in _TIED}


def output(
    folder: Path,
    *words: str,
    given: bytes = b"",
    settings: Mapping[str, str] | None = None,
    accepted: tuple[int, ...] = (0,),
) -> bytes:
    """Run git in a folder and return what it prints.

    Args:
        folder: Where it runs.
        words: Its arguments.
        given: Its standard input.
        settings: Environment variables on top.
        accepted: Exit codes that are no failure.

    Raises:
        GitError: It is not installed, or it failed.
    """
    return answer(folder, *words, given=given, settings=settings, accepted=accepted)[1]


def answer(
    folder: Path,
    *words: str,
    given: bytes = b"",
    settings: Mapping[str, str] | None = None,
    accepted: tuple[int, ...] = (0,),
) -> tuple[int, bytes]:
    """Run git as `output` does, and return its exit code too."""
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env=_quiet(settings),
            input=given,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise _not_started(error, folder) from error
    if done.returncode not in accepted:
        raise GitError(words, done.returncode, _text(done.stderr))
    return done.returncode, done.stdout


def run_to_the_end(
    folder: Path, *words: str, settings: Mapping[str, str] | None = None, accepted: tuple[int, ...] = (0,)
) -> int:
    """Run git so that it finishes even when this program, or its whole process group, is killed meanwhile.

    It gets a session of its own, and files in place of pipes that would break.

    Raises:
        GitError: It is not installed, or it failed.
    """
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(
                ["git", *words],
                cwd=folder,
                env=_quiet(settings),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                check=False,
            )
        except OSError as error:
            raise _not_started(error, folder) from error
        if done.returncode not in accepted:
            said.seek(0)
            raise GitError(words, done.returncode, _text(said.read()))
        return done.returncode


def _quiet(settings: Mapping[str, str] | None) -> dict[str, str]:
    """Return the environment of a git that speaks English to a program, and asks nothing."""
    return {**environment(), "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **(settings or {})}


def _not_started(error: OSError, folder: Path) -> GitError:
    missing = isinstance(error, FileNotFoundError) and folder.is_dir()
    return GitError(("git",), 127, "git is not installed" if missing else error.strerror or str(error))


def _text(said: bytes) -> str:
    return said.decode("utf-8", errors="replace")
