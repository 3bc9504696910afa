"""One whole rendered repository is kept, so that a change of a template shows as a diff to be reviewed.

`make golden` writes it anew. The lock file is not part of it: it names the index that it was made with.
"""

from __future__ import annotations

import difflib
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from rendering import render_example
from toolbox import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

GOLDEN = REPOSITORY / "tests" / "golden" / "lambda"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden") / "lambda"
    render_example(folder)
    if os.environ.get("NEW_SERVICE_GOLDEN") == "write":
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(folder, GOLDEN)
    return folder


def test_lambda_repository_is_as_reviewed(rendered: Path) -> None:
    differences = [line for name in sorted(files(GOLDEN) | files(rendered)) for line in diff(name, rendered)]

    if differences:
        accept = "the templates render something else than was reviewed; `make golden` accepts it"
        pytest.fail("\n".join([accept, *differences]), pytrace=False)


def test_lambda_repository_has_the_reviewed_programs(rendered: Path) -> None:
    assert executables(rendered) == executables(GOLDEN)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def executables(folder: Path) -> set[str]:
    return {name for name in files(folder) if os.access(folder / name, os.X_OK)}


def diff(name: str, rendered: Path) -> list[str]:
    """Return how a file differs from the reviewed one, as a unified diff; a missing file is an empty one."""
    reviewed, now = lines(GOLDEN / name), lines(rendered / name)
    return list(difflib.unified_diff(reviewed, now, f"reviewed/{name}", f"rendered/{name}", lineterm=""))


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
