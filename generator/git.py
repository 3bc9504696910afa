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

__all__ = ["IDENTITY", "SIGNATURE", "UNCONFIGURED", "answer", "environment", "output", "run_to_the_end"]

UNCONFIGURED: Mapping[str, str] = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
"""For work whose result must be the same on every machine."""

_NOBODY = {"NAME": "new-service", "EMAIL": "new-service@localhost", "DATE": "1577836800 +0000"}

IDENTITY: Mapping[str, str] = {
    f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _NOBODY.items()
}
"""Of commits that nobody sees: the same on every day, so that equal trees give equal commits."""

SIGNATURE = "{NAME} <{EMAIL}> {DATE}".format(**_NOBODY)
"""The same, as it stands in a commit."""

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


def run_to_the_end(folder: Path, *words: str, kept: tuple[int, ...] = ()) -> None:
    """Run git so that it finishes even when this program, or its whole process group, is killed meanwhile.

    It gets a session of its own, and files in place of pipes that would break. An interrupt is heeded when
    git has finished.

    Args:
        folder: Where it runs.
        words: Its arguments.
        kept: Open files that stay open as long as it runs.

    Raises:
        GitError: It is not installed, or it failed.
    """
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                ["git", *words],
                cwd=folder,
                env=_quiet(None),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                pass_fds=kept,
            )
        except OSError as error:
            raise _not_started(error, folder) from error
        interrupt: BaseException | None = None
        while process.returncode is None:
            try:
                process.wait()
            except (KeyboardInterrupt, SystemExit) as error:
                interrupt = error
        if interrupt is not None:
            raise interrupt
        if process.returncode:
            said.seek(0)
            raise GitError(words, process.returncode, _text(said.read()))


def _quiet(settings: Mapping[str, str] | None) -> dict[str, str]:
    """Return the environment of a git that speaks English, asks nothing, and writes nothing when it looks."""
    quiet = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    return {**environment(), **quiet, **(settings or {})}


def _not_started(error: OSError, folder: Path) -> GitError:
    missing = isinstance(error, FileNotFoundError) and folder.is_dir()
    return GitError(("git",), 127, "git is not installed" if missing else error.strerror or str(error))


def _text(said: bytes) -> str:
    return said.decode("utf-8", errors="replace")
