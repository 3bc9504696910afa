"""The CloudFormation that a rendered repository's CDK app makes, by the interpreter of such a repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from toolbox import search_path

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Synthesiser", "deploy_only_to", "give_package", "replay", "run_in"]


def give_package(repository: Path) -> None:
    """Put an empty package where a repository's build puts its own; a stack names one, whatever is in it."""
    (repository / "dist").mkdir()
    zipfile.ZipFile(repository / "dist" / "function.zip", "w").close()


def deploy_only_to(environments: Iterable[str], app: Path) -> None:
    """Let an app make the stacks of these environments alone."""
    text, every = app.read_text(encoding="utf-8"), "for deployment in DEPLOYMENTS:"
    assert text.count(every) == 1
    some = f"for deployment in [one for one in DEPLOYMENTS if one.name in {tuple(environments)}]:"
    app.write_text(text.replace(every, some), encoding="utf-8")


class Synthesiser:
    """One process in which CDK apps are run; the second takes a tenth of the time that the first takes.

    Args:
        python: The interpreter of a repository with an app of the CDK; it can run those of others.
        folder: Where the process may write.
        validated: Whether the CDK's own rules and cdk-nag judge what is made, as `make check` has it.
    """

    def __init__(self, python: Path, folder: Path, *, validated: bool = False) -> None:
        self._said = folder / "said.txt"
        # The CDK finds Node beside the interpreter.
        path = os.pathsep.join([str(python.parent), search_path()])
        environment = {
            "PATH": path,
            "CDK_OUTDIR": str(folder / "cdk.out"),
            "CDK_VALIDATION": str(validated).lower(),
        }
        with self._said.open("w", encoding="utf-8") as report:
            self._process = subprocess.Popen(
                [python, Path(__file__).with_name("synthesiser.py")],
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=report,
                text=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, app: Path, folder: Path) -> list[Path]:
        """Make in a new folder what an app makes, and return the template of every stack."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        before = self._said.stat().st_size
        self._process.stdin.write(json.dumps({"app": str(app), "folder": str(folder)}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        said = json.loads(answer) if answer else "the process ended"
        if said:
            report = self._said.read_text(encoding="utf-8")[before:]
            pytest.fail(f"{app} failed:\n{report}{said}", pytrace=False)
        return sorted(folder.glob("*.template.json"))


def replay(made: Path) -> Path:
    """Return an app that makes what another made, at no cost."""
    app = made.with_name(f"{made.name}.py")
    text = (
        f"import os, shutil\nshutil.copytree({str(made)!r}, os.environ['CDK_OUTDIR'], dirs_exist_ok=True)\n"
    )
    app.write_text(text, encoding="utf-8")
    return app


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
