"""Linters that are written in Python and take longer to load than to judge: each is loaded once."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Self

from toolbox import python_of

__all__ = ["Host"]


class Host:
    """A process in which the programs of one environment run, one after another.

    Args:
        program: A console script of that environment.
        environment: The variables that programs see.
    """

    def __init__(self, program: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [python_of(program), Path(__file__).with_name("programs_host.py")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, program: Path, *arguments: str, folder: Path) -> tuple[int, str]:
        """Run a program in a folder, and return its exit code and what it wrote."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"folder": str(folder), "command": [str(program), *arguments]}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            return 1, f"the process of {program.name} ended"
        found = json.loads(answer)
        return found["code"], found["said"]
