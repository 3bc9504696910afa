"""The image as it is deployed: not as root, on a root file system nobody can write, stopped in time.

Skipped where no container engine runs, or where it cannot get the images that Dockerfile starts from.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
# The CDK builds with the same one.
ENGINE = os.environ.get("CDK_DOCKER", "docker")
IMAGE = "localhost/tariff-forecast-under-test:latest"
PYTHON = "/app/bin/python"
# As infra/compute.py says.
LOCKED = ("--read-only",)
STOP_TIMEOUT_SECONDS = 30
SOME = {"PARCELS": "1000"}
ENDLESS = {"PARCELS": "1000000000"}
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
def aws() -> Iterator[ThreadingHTTPServer]:
    """Stand in for DynamoDB: there is no checkpoint yet, and each one that comes is kept."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Checkpoints)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Checkpoints(BaseHTTPRequestHandler):
    """Answers as DynamoDB does where nothing was kept before."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read what the task says."""


def test_task_is_nobody_writes_to_its_scratch_volume_only_and_cannot_install_anything(engine: str, image: str) -> None:
    probed = json.loads(told(engine, *LOCKED, "--entrypoint", PYTHON, image, "-c", PROBE))

    assert probed == {"user": 10001, "writable": ["/scratch"], "tools": []}


def test_finished_run_exits_with_0(engine: str, image: str, aws: ThreadingHTTPServer) -> None:
    ended = ask(engine, "run", "--rm", *LOCKED, *environment(aws, **SOME), image)

    assert ended.returncode == 0, ended.stdout
    assert "done" in [line.get("message") for line in lines(ended.stdout)]


def test_failed_run_exits_with_1(engine: str, image: str, aws: ThreadingHTTPServer) -> None:
    # Without credentials nothing is signed, and nobody is asked.
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    ended = ask(engine, "run", "--rm", *LOCKED, *environment(aws, **nobody), image)

    assert ended.returncode == 1, ended.stdout
    assert "failed" in [line.get("message") for line in lines(ended.stdout)]


def test_missing_setting_exits_with_2_and_is_named(engine: str, image: str) -> None:
    ended = ask(engine, "run", "--rm", *LOCKED, image)

    assert ended.returncode == 2
    assert "ENVIRONMENT" in ended.stdout


def test_stopped_task_ends_in_time_and_says_so(engine: str, image: str, aws: ThreadingHTTPServer) -> None:
    container = told(engine, "--detach", *LOCKED, *environment(aws, **ENDLESS), image).strip()
    try:
        until_it_works(engine, container)
        began = time.monotonic()

        ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

        took = time.monotonic() - began
        code = ask(engine, "wait", container).stdout.strip()
        last = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line][-1]
        assert (code, last) == ("143", "interrupted")
        assert took < STOP_TIMEOUT_SECONDS
    finally:
        ask(engine, "rm", "--force", "--volumes", container)


def environment(aws: ThreadingHTTPServer, **changed: str) -> list[str]:
    """Return what ECS tells the container, as arguments; AWS is on this machine's loopback address."""
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws.server_address[1]}",
        "AWS_SECRET_ACCESS_KEY": "test",
        **VARIABLES,
        **changed,
    }
    return ["--network=host", *(f"--env={name}={value}" for name, value in variables.items())]


def until_it_works(engine: str, container: str) -> None:
    """Wait for the first checkpoint."""
    deadline = time.monotonic() + 60
    while '"progress"' not in (said := ask(engine, "logs", container).stdout):
        assert time.monotonic() < deadline, said
        time.sleep(0.2)


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
