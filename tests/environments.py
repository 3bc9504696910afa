"""Sets rendered repositories up by their own Makefile, and spares each what an earlier one has compiled.

The first program that imports the CDK or botocore writes bytecode for seconds. uv links the same files into
every environment, so the bytecode of one is valid in all; where a file differs, Python compiles it anew.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from stacks import run_in
from toolbox import tool

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["lend", "set_up"]

_earlier: list[Path] = []
_lent: list[Path] = []


def set_up(repository: Path) -> Path:
    """Run `make setup`, and return the folder of the environment's programs."""
    run_in(repository, tool("make").parent, "make", "setup")
    environment = repository / ".venv"
    for other in _earlier:
        _link_bytecode(other, environment)
    # It has what those before it had, and what it will compile itself.
    _earlier[:] = [environment]
    return environment / "bin"


def lend(repository: Path, folder: Path) -> Path:
    """Install what a repository needs beside what others needed, and return the folder of all their programs.

    That is enough for what only judges its templates. Whether it names all that it needs, `set_up` shows.

    Args:
        repository: A repository of the Python that examples have.
        folder: Where the environment is made, if none is there yet.
    """
    programs = tool("uv").parent
    if not _lent:
        _lent.append(folder / ".venv")
        run_in(repository, programs, "uv", "venv", "--quiet", "--python", "3.13", str(_lent[0]))
    here = ("--python", str(_lent[0] / "bin" / "python"))
    needed = ("--requirements", "pyproject.toml", "--group", "dev")
    run_in(repository, programs, "uv", "pip", "install", "--quiet", *here, *needed)
    return _lent[0] / "bin"


def _link_bytecode(compiled: Path, environment: Path) -> None:
    for folder, _, names in os.walk(compiled):
        if not folder.endswith("__pycache__"):
            continue
        place = environment / os.path.relpath(folder, compiled)
        if not place.parent.is_dir():
            continue
        place.mkdir(exist_ok=True)
        for name in names:
            # What is there already is as good; another device, or a file that has just gone, costs time only.
            with contextlib.suppress(OSError):
                os.link(os.path.join(folder, name), place / name)  # noqa: PTH118
