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

__all__ = ["give_package", "synthesise"]


def give_package(repository: Path) -> None:
    """Put an empty package where a repository's build puts its own; a stack names one, whatever is in it."""
    (repository / "dist").mkdir()
    zipfile.ZipFile(repository / "dist" / "function.zip", "w").close()


def synthesise(repository: Path, python: Path, folder: Path) -> list[Path]:
    """Return the template of every stack, made in a folder and judged by the CDK's own rules and cdk-nag."""
    copy = folder / "service"
    shutil.copytree(repository / "infra", copy / "infra")
    give_package(copy)
    environment = {
        **os.environ,
        # The CDK finds Node there.
        "PATH": os.pathsep.join([str(python.parent), search_path()]),
        "CDK_OUTDIR": str(folder / "cdk.out"),
    }
    done = subprocess.run(
        [python, "infra/app.py"], cwd=copy, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.fail(f"infra/app.py exited {done.returncode}:\n{done.stdout}{done.stderr}", pytrace=False)
    return sorted((folder / "cdk.out").glob("*.template.json"))
