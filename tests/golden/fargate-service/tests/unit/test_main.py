"""What the task says when it ends: exit codes and log lines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from environment import VARIABLES


def start(**changed: str) -> subprocess.Popen[str]:
    # Nobody answers at this address, and the SDK is patient.
    nowhere = {"AWS_ENDPOINT_URL": "http://192.0.2.1"}
    environment = {**os.environ, **VARIABLES, **nowhere, "PYTHONPATH": os.pathsep.join(sys.path), **changed}
    command = [sys.executable, "-m", "forecast_orders"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def messages(said: str) -> list[str]:
    return [json.loads(line)["message"] for line in said.splitlines()]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_wrong_setting_ends_with_2_and_is_named(name: str) -> None:
    with start(**{name: " "}) as process:
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 2
    assert messages(said) == ["starting", "wrong setting"]
    assert json.loads(said.splitlines()[-1])["detail"].startswith(f"{name}: ")


def test_a_queue_that_cannot_be_reached_ends_with_1_and_says_where_the_threads_are() -> None:
    # No answer at all: the connection is refused.
    with start(AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_MAX_ATTEMPTS="1") as process:
        said, traceback = process.communicate(timeout=120)

    assert process.returncode == 1
    assert messages(said)[-1] == "failed"
    assert "most recent call first" in traceback


def test_a_task_that_is_told_to_stop_ends_with_0() -> None:
    with start() as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["message"] == "starting"
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert messages(said)[-1] == "stopped"
