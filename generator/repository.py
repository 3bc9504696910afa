"""Makes a rendered folder a git repository: locked dependencies, and a first commit with everything in it.

Nothing here may fail the creation: the files are there and right. What could not be done is told, with its
command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import git

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Outcome", "lock", "start"]

LOCK_SECONDS = 60
"""Enough for a slow index; a dead one is given up at once, because uv is told not to retry."""

COMMIT_SECONDS = 60
"""A signature may ask for a passphrase."""

_FALLBACK_IDENTITY = {"user.name": "new-service", "user.email": "new-service@localhost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one step.

    Attributes:
        done: Whether it was done.
        note: What a person should know about it; empty when there is nothing to say.
        command: The command that does it later; empty when it is done or not wanted.
    """

    done: bool
    note: str = ""
    command: str = ""


def lock(folder: Path) -> Outcome:
    """Make `uv.lock`, if uv is installed and an index answers soon."""
    uv = _uv(folder.parent)
    if uv is None:
        return Outcome(
            done=False, note="uv is not installed, so dependencies are not locked yet", command="uv lock"
        )
    quick = {"UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "10", "UV_NO_PROGRESS": "1"}
    environment = {
        key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "UV_PROJECT"}
    }
    failure = _run([uv, "lock", "--quiet"], folder, {**environment, **quick}, LOCK_SECONDS)
    if failure is None and (folder / "uv.lock").is_file():
        return Outcome(done=True)
    return Outcome(
        done=False,
        note=f"dependencies are not locked yet: {failure or 'uv made no uv.lock'}",
        command="uv lock",
    )


def _uv(outside: Path) -> str | None:
    """Return the path of uv; below pyenv's shims uv itself.

    In the new folder a shim would look for uv under the Python that the folder names, and there only.
    """
    found = shutil.which("uv")
    if found is None or "shims" not in found or shutil.which("pyenv") is None:
        return found
    return _output(["pyenv", "which", "uv"], outside) or found


def start(folder: Path, message: str) -> Outcome:
    """Make a git repository on branch `main` with one commit of every file.

    Args:
        folder: The rendered folder.
        message: The commit's message.

    Returns:
        Not done inside another repository, without git, or when git refuses.
    """
    command = f"git init -b main && git add -A && git commit -m '{message}'"
    if shutil.which("git") is None:
        return Outcome(
            done=False, note="git is not installed, so there is no repository yet", command=command
        )
    if outer := _outer_repository(folder):
        return Outcome(
            done=False, note=f"the folder lies inside the git repository {outer}, so none was made in it"
        )
    # The owner's hooks and ignore patterns are made for other repositories; here every file belongs.
    plain = ["git", "-c", f"core.hooksPath={os.devnull}", "-c", f"core.excludesFile={os.devnull}"]
    steps = (
        [*plain, "init", "--quiet", "--template=", "-b", "main"],
        [*plain, "add", "--all"],
        [*plain, *_identity(folder), "commit", "--quiet", "--message", message],
    )
    for step in steps:
        failure = _run(step, folder, git.environment(), COMMIT_SECONDS)
        if failure is not None:
            return Outcome(
                done=False, note=f"git could not make the first commit: {failure}", command=command
            )
    return Outcome(done=True)


def _outer_repository(folder: Path) -> str:
    return _output(["git", "rev-parse", "--show-toplevel"], folder)


def _identity(folder: Path) -> list[str]:
    """Name an author for git only where the person has configured none."""
    missing = [
        f"{key}={value}"
        for key, value in _FALLBACK_IDENTITY.items()
        if not _output(["git", "config", "--get", key], folder)
    ]
    return [word for setting in missing for word in ("-c", setting)]


def _output(command: list[str], folder: Path) -> str:
    result = subprocess.run(
        command,
        cwd=folder,
        env=git.environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return result.stdout.strip() if result.returncode == 0 else ""


def _run(command: list[str], folder: Path, environment: dict[str, str], seconds: int) -> str | None:
    """Run a command that asks nothing, and return the first line of what it said when it failed."""
    try:
        subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds} s"
    except subprocess.CalledProcessError as error:
        lines = [line.strip() for line in f"{error.stderr}\n{error.stdout}".splitlines() if line.strip()]
        return lines[0] if lines else f"exit code {error.returncode}"
    except OSError as error:
        return error.strerror or str(error)
    return None
