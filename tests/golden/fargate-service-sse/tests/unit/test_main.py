"""What the task says when it ends: exit codes and log lines."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

import pytest
from environment import VARIABLES


def start(**changed: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **VARIABLES, "PYTHONPATH": os.pathsep.join(sys.path), **changed}
    command = [sys.executable, "-m", "depot_board"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def messages(said: str) -> list[str]:
    return [line["message"] for line in map(json.loads, said.splitlines()) if "message" in line]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_wrong_setting_ends_with_2_and_is_named(name: str) -> None:
    with start(**{name: " "}) as process:
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 2
    assert messages(said) == ["starting", "wrong setting"]
    assert json.loads(said.splitlines()[-1])["detail"].startswith(f"{name}: ")


def test_a_port_that_is_taken_ends_with_1() -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))  # noqa: S104  as the server does
        taken.listen()
        with start(PORT=str(taken.getsockname()[1])) as process:
            said, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert messages(said)[-1] == "failed"


def test_a_task_that_is_told_to_stop_at_once_ends_with_0() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with start(PORT=str(port)) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["message"] == "starting"
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert messages(said)[-1] == "stopped"
