"""Where the tests find programs that are not Python dependencies of this project.

`NEW_SERVICE_TOOLS` lists folders that are searched before PATH. What is missing skips the test that needs it,
except in CI, where a check that cannot run must not look like one that passed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

__all__ = ["REPOSITORY", "module", "python_of", "search_path", "tool"]

REPOSITORY = Path(__file__).parents[1]


def search_path() -> str:
    """Return PATH with the folders of NEW_SERVICE_TOOLS before it."""
    folders = (os.environ.get(variable, "") for variable in ("NEW_SERVICE_TOOLS", "PATH"))
    return os.pathsep.join(folder for folder in folders if folder)


def tool(name: str) -> Path:
    """Return the program's path; skip or fail the test when it is not there."""
    found = shutil.which(name, path=search_path())
    if found is None:
        _give_up(f"{name} is neither in a folder of NEW_SERVICE_TOOLS nor on PATH")
    return Path(found)


def module(name: str) -> None:
    """Skip or fail the test when the Python module is not installed."""
    if importlib.util.find_spec(name) is None:
        _give_up(f"the Python module {name} is not installed")


def python_of(program: Path) -> Path:
    """Return the interpreter of the environment that a console script is installed in."""
    return program.parent / "python"


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
