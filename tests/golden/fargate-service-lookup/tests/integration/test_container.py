"""The image as it is deployed: not as root, on a root file system nobody can write, stopped in time.

Skipped where no container engine runs, or where it cannot get the images that Dockerfile starts from.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES
from unit.running import free_port

from forecast_scale.frames import HEADER_BYTES, framed

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
# The CDK builds with the same one.
ENGINE = os.environ.get("CDK_DOCKER", "docker")
IMAGE = "localhost/forecast-scale-under-test:latest"
PYTHON = "/app/bin/python"
# As infra/compute.py says.
LOCKED = ("--read-only", "--cap-drop=ALL")
STOP_TIMEOUT_SECONDS = 120
ASKED = json.dumps({"version": 1, "message_id": "m", "seed": 7, "parcels": 20}).encode()
PROBE = """
import importlib.util, json, os, shutil
def can_write(folder):
    try:
        open(f"{folder}/probe", "w").close()
    except OSError:
        return False
    return True
print(json.dumps({
    "user": os.getuid(),
    "writable": [folder for folder in ("/", "/app", "/etc", "/scratch") if can_write(folder)],
    "tools": [name for name in ("moto", "pytest", "uv") if shutil.which(name) or importlib.util.find_spec(name)],
}))
"""


@pytest.fixture(scope="module")
def engine() -> str:
    """The engine that answers and has what Dockerfile starts from."""
    if shutil.which(ENGINE) is None or ask(ENGINE, "info").returncode:
        pytest.skip(f"no container engine answers as `{ENGINE}`: start Docker, or set CDK_DOCKER=podman")
    for image in re.findall(r"^ARG \w+_IMAGE=(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE):
        if ask(ENGINE, "image", "inspect", image).returncode:
            pulled = ask(ENGINE, "pull", image)
            if pulled.returncode:
                pytest.skip(f"{ENGINE} cannot get {image}: {pulled.stderr.strip().splitlines()[-1]}")
    return ENGINE


@pytest.fixture(scope="module")
def image(engine: str) -> Iterator[str]:
    """The image, built from Dockerfile as it stands."""
    built = ask(engine, "build", "--tag", IMAGE, str(ROOT))
    assert built.returncode == 0, f"{engine} cannot build Dockerfile:\n{built.stdout}{built.stderr}"
    yield IMAGE
    ask(engine, "image", "rm", "--force", IMAGE)


def test_task_is_nobody_writes_to_its_scratch_volume_only_and_cannot_install_anything(engine: str, image: str) -> None:
    probed = json.loads(told(engine, *LOCKED, "--entrypoint", PYTHON, image, "-c", PROBE))

    assert probed == {"user": 10001, "writable": ["/scratch"], "tools": []}


def test_message_is_answered_and_the_task_ends_when_it_is_told_to(engine: str, image: str) -> None:
    port, health_port = free_port(), free_port()
    told_to = {**VARIABLES, "PORT": str(port), "HEALTH_PORT": str(health_port)}
    variables = [f"--env={name}={value}" for name, value in told_to.items()]
    container = told(engine, "--detach", *LOCKED, "--network=host", *variables, image).strip()
    try:
        until_it_listens(health_port, engine, container)
        answers = exchange(port)
        began = time.monotonic()
        ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)
        took = time.monotonic() - began
        code = ask(engine, "wait", container).stdout.strip()
        last = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line][-1]
    finally:
        ask(engine, "rm", "--force", "--volumes", container)

    assert [answer.get("message_id") for answer in answers] == ["m"]
    assert (code, last) == ("0", "stopped")
    assert took < STOP_TIMEOUT_SECONDS


def test_missing_setting_exits_with_2_and_is_named(engine: str, image: str) -> None:
    ended = ask(engine, "run", "--rm", *LOCKED, image)

    assert ended.returncode == 2
    assert "ENVIRONMENT" in ended.stdout


def exchange(port: int) -> list[dict[str, Any]]:
    """Ask one thing, and return what is answered."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client, client.makefile("rb") as read:
        client.sendall(framed(ASKED))
        length = int.from_bytes(read.read(HEADER_BYTES), "big")
        return [json.loads(read.read(length))]


def until_it_listens(port: int, engine: str, container: str) -> None:
    """Wait until the server says how it is."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, ask(engine, "logs", container).stdout
            time.sleep(0.1)
        else:
            return


def lines(said: str) -> list[dict[str, Any]]:
    """Return what the task logged."""
    return [json.loads(line) for line in said.splitlines()]


def told(engine: str, *arguments: str) -> str:
    """Return what a container says that must succeed."""
    detached = "--detach" in arguments
    ended = ask(engine, "run", *([] if detached else ["--rm"]), *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def ask(engine: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the engine."""
    return subprocess.run([engine, *arguments], check=False, capture_output=True, text=True)
