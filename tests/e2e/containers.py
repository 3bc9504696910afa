"""Containers on this machine: the engine that `make tools` installs, with the API that an emulated ECS asks.

A pass means that an image builds and behaves on a stand-in of its base, a Debian of the same release with
the same Python; the published image itself is not reached.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from toolbox import tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Engine", "build_image", "serving"]

START_SECONDS = 30
LONGEST_TEST_RUN_SECONDS = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A container engine that answers on a socket.

    Attributes:
        podman: Its program.
        socket: Where it speaks Docker's API.
        host: The address under which containers reach this machine.
    """

    podman: Path
    socket: Path
    host: str

    @property
    def docker_host(self) -> str:
        """Where clients of Docker's API find the engine."""
        return f"unix://{self.socket}"

    def run(self, *arguments: str) -> str:
        """Run a command of the engine that must succeed, and return what it says."""
        return _podman(self.podman, *arguments)

    def running(self, label: str) -> list[str]:
        """Return the ids of the running containers with a label."""
        return self._containers(label)

    def process_id(self, label: str) -> int | None:
        """Return the first process of a running container with a label, to be killed without a command."""
        found = self.running(label)
        return int(self.run("inspect", "--format", "{{.State.Pid}}", *found)) if found else None

    def remove_containers(self, label: str) -> None:
        """Remove the containers with a label, running or not."""
        if found := self._containers(label, "--all"):
            self.run("rm", "--force", "--time", "0", "--volumes", *found)

    def _containers(self, label: str, *options: str) -> list[str]:
        return self.run("ps", "--quiet", "--no-trunc", "--filter", f"label={label}", *options).split()


@contextlib.contextmanager
def build_image(service: Path) -> Iterator[str]:
    """Build the image of a service from its Dockerfile as it stands, and yield its name.

    Skips the test, or fails it in CI, where no engine is installed.
    """
    podman, name = tool("podman"), f"localhost/end-to-end/{service.name}-{os.getpid()}:latest"
    _podman(podman, "build", "--format", "docker", "--tag", name, str(service))
    yield name
    # By its name: tests side by side build the same image, and each lets go of its own.
    _podman(podman, "image", "rm", "--force", "--ignore", name)
    # What earlier runs built and nothing uses; the layers of today make the next run fast.
    _podman(podman, "image", "prune", "--force", "--filter", "until=24h")


@contextlib.contextmanager
def serving(image: str, folder: Path) -> Iterator[Engine]:
    """Serve Docker's API from a folder, as long as a container of the image runs: it keeps the bridge up."""
    podman, socket = tool("podman"), folder / "docker.sock"
    idler = _podman(
        podman,
        *("run", "--detach", "--rm", "--timeout", str(LONGEST_TEST_RUN_SECONDS), "--entrypoint", "sleep"),
        *(image, "infinity"),
    ).strip()
    log = folder / "podman.txt"
    with log.open("wb") as output:
        command = [podman, "system", "service", "--time=0", f"unix://{socket}"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _wait_for(socket, process, log)
        yield Engine(podman=podman, socket=socket, host=_bridge_address(podman))
    finally:
        process.terminate()
        process.wait()
        _podman(podman, "rm", "--force", "--time", "0", idler)


def _bridge_address(podman: Path) -> str:
    found = re.search(r'"gateway": "([0-9.]+)"', _podman(podman, "network", "inspect", "podman"))
    if found is None:
        pytest.fail("podman's network has no gateway: containers cannot reach this machine")
    return found.group(1)


def _wait_for(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(encoding="utf-8", errors="replace")
            pytest.fail(f"podman does not serve its API:\n{said}", pytrace=False)
        time.sleep(0.05)


def _podman(podman: Path, *arguments: str) -> str:
    done = subprocess.run(
        [podman, *arguments], check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        said = f"{done.stdout}{done.stderr}"
        pytest.fail(f"podman {' '.join(arguments)} exited {done.returncode}:\n{said}", pytrace=False)
    return done.stdout
