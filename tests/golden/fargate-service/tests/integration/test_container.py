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
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
# The CDK builds with the same one.
ENGINE = os.environ.get("CDK_DOCKER", "docker")
IMAGE = "localhost/forecast-orders-under-test:latest"
PYTHON = "/app/bin/python"
# As infra/compute.py says.
LOCKED = ("--read-only", "--cap-drop=ALL")
STOP_TIMEOUT_SECONDS = 120
ORDER = {"version": 1, "forecast_id": "f-1", "seed": 7, "parcels": 1_000}
ENDLESS = {**ORDER, "parcels": 1_000_000_000}
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


class Aws(ThreadingHTTPServer):
    """Stand in for SQS, DynamoDB and ECS: some messages, a table that is empty, protection for whoever asks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.daemon_threads = True
        self.waiting: list[dict[str, object]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def answer(self, action: str, body: dict[str, Any]) -> dict[str, object]:
        """Remember what was asked, and answer as AWS would."""
        self.asked.append((action, body))
        if action == "ReceiveMessage" and self.waiting:
            text = json.dumps(self.waiting.pop(0))
            times = {"ApproximateReceiveCount": "1"}
            return {"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": text, "Attributes": times}]}
        if action == "ReceiveMessage":
            time.sleep(1)
        return {"protection": body} if action == "protection" else {}

    def actions(self) -> list[str]:
        """Return what was asked for, in order, without the looks at the queue."""
        return [action for action, _ in self.asked if action != "ReceiveMessage"]


class Answers(BaseHTTPRequestHandler):
    """Takes calls in the JSON that both services speak, and what ECS takes."""

    server: Aws

    def do_POST(self) -> None:
        self._answer(self.headers["X-Amz-Target"].partition(".")[2])

    def do_PUT(self) -> None:
        self._answer("protection")

    def _answer(self, action: str) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = json.dumps(self.server.answer(action, body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read what the task says."""


@pytest.fixture
def aws() -> Iterator[Aws]:
    """What the task calls."""
    server = Aws()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def container(engine: str, image: str, aws: Aws) -> Iterator[str]:
    """The task, at work."""
    agent = f"http://127.0.0.1:{aws.server_address[1]}"
    container = told(engine, "--detach", *LOCKED, *environment(aws, ECS_AGENT_URI=agent), image).strip()
    yield container
    ask(engine, "rm", "--force", "--volumes", container)


def test_task_is_nobody_writes_to_its_scratch_volume_only_and_cannot_install_anything(engine: str, image: str) -> None:
    probed = json.loads(told(engine, *LOCKED, "--entrypoint", PYTHON, image, "-c", PROBE))

    assert probed == {"user": 10001, "writable": ["/scratch"], "tools": []}


def test_message_is_done_under_protection_and_the_task_ends_when_it_is_told_to(
    engine: str, container: str, aws: Aws
) -> None:
    aws.waiting.append(ORDER)
    until(lambda: "DeleteMessage" in aws.actions(), engine, container)
    until(lambda: aws.actions().count("protection") == 2, engine, container)

    ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

    # Claimed, done, gone.
    assert aws.actions() == ["protection", "PutItem", "UpdateItem", "DeleteMessage", "protection"]
    assert ended(engine, container) == ("0", "stopped")


def test_stopped_task_gives_back_what_it_cannot_finish_in_time(engine: str, container: str, aws: Aws) -> None:
    aws.waiting.append(ENDLESS)
    until(lambda: "PutItem" in aws.actions(), engine, container)
    began = time.monotonic()

    ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

    took = time.monotonic() - began
    assert int(VARIABLES["DRAIN_SECONDS"]) <= took < STOP_TIMEOUT_SECONDS
    assert aws.actions()[-2:] == ["DeleteItem", "ChangeMessageVisibility"]
    assert aws.asked[-1][1]["VisibilityTimeout"] == 0
    assert ended(engine, container) == ("0", "stopped")


def test_missing_setting_exits_with_2_and_is_named(engine: str, image: str) -> None:
    ended = ask(engine, "run", "--rm", *LOCKED, image)

    assert ended.returncode == 2
    assert "ENVIRONMENT" in ended.stdout


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


def ended(engine: str, container: str) -> tuple[str, str]:
    """Return the exit code of a task and the last thing it said."""
    code = ask(engine, "wait", container).stdout.strip()
    said = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line]
    return code, said[-1]


def until(holds: Callable[[], bool], engine: str, container: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, ask(engine, "logs", container).stdout
        time.sleep(0.1)


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
