"""The CloudFormation that a rendered repository's CDK app makes, by the interpreter of such a repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from toolbox import search_path

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["give_package", "run_in", "synthesise"]


def give_package(repository: Path) -> None:
    """Put an empty package where a repository's build puts its own; a stack names one, whatever is in it."""
    (repository / "dist").mkdir()
    zipfile.ZipFile(repository / "dist" / "function.zip", "w").close()


def synthesise(repository: Path, python: Path, folder: Path) -> list[Path]:
    """Return the template of every stack, made in a folder and judged by the CDK's own rules and cdk-nag."""
    copy = folder / "service"
    shutil.copytree(repository, copy, ignore=shutil.ignore_patterns(".venv", ".mypy_cache"))
    give_package(copy)
    # The CDK finds Node beside the interpreter.
    run_in(copy, python.parent, "python", "infra/app.py", CDK_OUTDIR=str(folder / "cdk.out"))
    return sorted((folder / "cdk.out").glob("*.template.json"))


def run_in(repository: Path, programs: Path, *command: str, **variables: str) -> str:
    """Run a command that must succeed in a repository, its program from one folder; return what it says."""
    path = os.pathsep.join([str(programs), search_path()])
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    environment |= {"PATH": path, **variables}
    program = shutil.which(command[0], path=path) or command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=repository, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        said = f"{done.stdout}{done.stderr}"
        pytest.fail(f"{' '.join(command)} exited {done.returncode}:\n{said}", pytrace=False)
    return done.stdout
