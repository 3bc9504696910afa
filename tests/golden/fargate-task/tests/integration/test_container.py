"""The image is built, runs as nobody on a file system that it cannot write, and says how it ended.

Needs a container engine; without one it is skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from environment import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
ENGINE = os.environ.get("CDK_DOCKER", "docker")
IMAGE = "tariff-forecast-under-test"

type Run = Callable[..., subprocess.CompletedProcess[str]]


def engine(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ENGINE, *arguments], capture_output=True, text=True, check=False, timeout=600)


@pytest.fixture(scope="session")
def image() -> str:
    """The image, built for this machine's processor."""
    if shutil.which(ENGINE) is None or engine("info").returncode != 0:
        pytest.skip(f"no container engine answers as `{ENGINE}`: start Docker, or set CDK_DOCKER=podman")
    built = engine("build", "--tag", IMAGE, str(ROOT))
    assert built.returncode == 0, built.stderr
    return IMAGE


@pytest.fixture
def run(image: str) -> Run:
    """Run the image as ECS does: read-only, without a capability, with the scratch volume."""

    def run(*command: str, entrypoint: str = "", **changed: str) -> subprocess.CompletedProcess[str]:
        variables = [f"--env={name}={value}" for name, value in {**VARIABLES, **changed}.items()]
        closed = ["--rm", "--read-only", "--cap-drop=ALL", "--network=none", "--init"]
        other = [f"--entrypoint={entrypoint}"] if entrypoint else []
        return engine("run", *closed, *other, *variables, image, *command)

    return run


def test_the_container_is_nobody_and_can_write_scratch_alone(run: Run) -> None:
    probe = """
import os, pathlib
assert os.getuid() == 10001 and os.getgid() == 10001
pathlib.Path("/scratch/probe").write_text("")
for closed in ("/probe", "/app/probe", "/tmp/probe"):
    try:
        pathlib.Path(closed).write_text("")
    except OSError:
        continue
    raise SystemExit(f"{closed} can be written")
"""

    done = run("-c", probe, entrypoint="/app/bin/python")

    assert (done.returncode, done.stderr) == (0, "")


def test_the_container_has_no_tool_to_install_anything(run: Run) -> None:
    probe = "import importlib.util, shutil; assert not shutil.which('uv') and not importlib.util.find_spec('moto')"

    assert run("-c", probe, entrypoint="/app/bin/python").returncode == 0


def test_the_container_ends_with_the_exit_code_of_the_task(run: Run) -> None:
    done = run(PARCELS="none")

    assert done.returncode == 2
    assert "PARCELS: " in done.stdout
