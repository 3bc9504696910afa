"""The image as it is deployed: not as root, on a root file system nobody can write, stopped in time.

Skipped where no container engine runs, or where it cannot get the images that Dockerfile starts from.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
# The CDK builds with the same one.
ENGINE = os.environ.get("CDK_DOCKER", "docker")
IMAGE = "localhost/list-desk-under-test:latest"
PYTHON = "/app/bin/python"
# As infra/compute.py says.
LOCKED = ("--read-only", "--cap-drop=ALL")
STOP_TIMEOUT_SECONDS = 120
QUOTE = json.dumps({"zone": "domestic", "weight_grams": 1_200})
CONNECTIONS = 1_000
# What a connection that says nothing may cost of the task's memory.
MAX_KIB_PER_CONNECTION = 64
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


@pytest.fixture
def container(engine: str, image: str, port: int) -> Iterator[str]:
    """The task, ready."""
    container = told(engine, "--detach", *LOCKED, *environment(PORT=str(port), TAKEN_AT_MOST="400"), image).strip()
    until_ready(engine, container, port)
    yield container
    ask(engine, "rm", "--force", "--volumes", container)


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_task_is_nobody_writes_to_its_scratch_volume_only_and_cannot_install_anything(engine: str, image: str) -> None:
    probed = json.loads(told(engine, *LOCKED, "--entrypoint", PYTHON, image, "-c", PROBE))

    assert probed == {"user": 10001, "writable": ["/scratch"], "tools": []}


def test_task_answers_and_ends_when_it_is_told_to(engine: str, container: str, port: int) -> None:
    answered = quoted(port)

    ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

    assert answered == 200
    code = ask(engine, "wait", container).stdout.strip()
    said = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line]
    assert (code, said) == ("0", ["starting", "ready", "draining", "stopped"])


def test_a_thousand_idle_connections_and_a_ten_fold_spike_fit(
    engine: str, container: str, port: int, record_testsuite_property: Callable[[str, object], None]
) -> None:
    before = resident_kib(engine, container)
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    try:
        with ThreadPoolExecutor(40) as callers:
            statuses = Counter(callers.map(lambda _: quoted(port), range(400)))
        each = (resident_kib(engine, container) - before) / CONNECTIONS
    finally:
        for connection in held:
            connection.close()

    record_testsuite_property("kib_per_connection", round(each, 1))
    assert statuses == {200: 400}
    assert each <= MAX_KIB_PER_CONNECTION, f"{each:.1f} KiB for each connection"


def test_missing_setting_exits_with_2_and_is_named(engine: str, image: str) -> None:
    ended = ask(engine, "run", "--rm", *LOCKED, image)

    assert ended.returncode == 2
    assert "ENVIRONMENT" in ended.stdout


def environment(**changed: str) -> list[str]:
    """Return what ECS tells the container, as arguments; it listens on this machine."""
    return ["--network=host", *(f"--env={name}={value}" for name, value in {**VARIABLES, **changed}.items())]


def quoted(port: int) -> int:
    """Ask for a quote, and return the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/quotes", QUOTE, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def resident_kib(engine: str, container: str) -> int:
    """Return the memory of the task's own process."""
    status = "import glob, re; print(max(int(re.search(r'VmRSS:\\s+(\\d+)', open(f).read() + 'VmRSS: 0')[1])"
    seen = ask(engine, "exec", container, PYTHON, "-c", f"{status} for f in glob.glob('/proc/[0-9]*/status')))")
    return int(seen.stdout)


def until_ready(engine: str, container: str, port: int) -> None:
    """Wait until the task is ready."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    pytest.fail(ask(engine, "logs", container).stdout)


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
