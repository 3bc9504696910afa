"""The process as it runs: it starts, answers, drains and ends."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from environment import VARIABLES
from unit.conftest import QUOTE

if TYPE_CHECKING:
    from collections.abc import Iterator

# Work that takes a while, in place of what the domain computes.
SLOW = """
import runpy, time
from list_desk import domain
quote = domain.quote
domain.quote = lambda *given: time.sleep({seconds}) or quote(*given)
runpy.run_module("list_desk", run_name="__main__")
"""


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def slow(port: int) -> Iterator[subprocess.Popen[str]]:
    """A task whose work takes a second, ready."""
    with start(port, "-c", SLOW.replace("{seconds}", "1")) as process:
        until_ready(port)
        yield process
        process.kill()


def start(port: int, *arguments: str, **changed: str) -> subprocess.Popen[str]:
    path = os.pathsep.join(sys.path)
    environment = {**os.environ, **VARIABLES, "PORT": str(port), "PYTHONPATH": path, **changed}
    command = [sys.executable, *(arguments or ("-m", "list_desk"))]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ask(port: int, method: str = "POST", path: str = "/quotes") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, json.dumps(QUOTE), {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def until_ready(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if ask(port, "GET", "/ready") == 200:
                return
        except OSError:
            time.sleep(0.02)
    pytest.fail("it is not ready")


def messages(said: str) -> list[str]:
    lines = [json.loads(line) for line in said.splitlines()]
    return [line["message"] for line in lines if "message" in line]


def test_a_task_that_is_told_to_stop_ends_what_it_has(slow: subprocess.Popen[str], port: int) -> None:
    statuses: list[int] = []
    at_work = threading.Thread(target=lambda: statuses.append(ask(port)))
    at_work.start()
    time.sleep(0.3)

    slow.send_signal(signal.SIGTERM)
    at_work.join()
    said, _ = slow.communicate(timeout=30)

    assert statuses == [200]
    assert slow.returncode == 0
    assert messages(said) == ["starting", "ready", "draining", "stopped"]
    quiet = [line["Quiet"] for line in map(json.loads, said.splitlines()) if "Quiet" in line]
    assert (quiet[0], quiet[-1]) == (0, 0), "the alarm that puts it to sleep would stay on"


def test_a_task_that_drains_takes_no_more_in_the_end(slow: subprocess.Popen[str], port: int) -> None:
    slow.send_signal(signal.SIGTERM)
    slow.communicate(timeout=30)

    with pytest.raises(ConnectionRefusedError):
        ask(port)


def test_what_does_not_end_in_time_is_cut_off(port: int) -> None:
    def ask_in_vain() -> None:
        with contextlib.suppress(http.client.RemoteDisconnected):
            ask(port)

    with start(port, "-c", SLOW.replace("{seconds}", "4"), DRAIN_SECONDS="1") as process:
        until_ready(port)
        at_work = threading.Thread(target=ask_in_vain)
        at_work.start()
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        at_work.join()
        cut_off = time.monotonic() - began
        process.communicate(timeout=30)

    # Its threads end by themselves, or with the task.
    assert cut_off < 3
    assert process.returncode == 0


def test_a_port_that_is_taken_ends_with_1(port: int) -> None:
    with socket.create_server(("0.0.0.0", port)), start(port) as process:  # noqa: S104  as the task does
        said, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert messages(said) == ["starting", "failed"]
