"""What the task says when it ends: exit codes and log lines."""

from __future__ import annotations

import json
import signal
import socket

import pytest
from environment import VARIABLES
from unit.running import free_port, start


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
{% if protocol == "udp" %}
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))  # noqa: S104  as the server does
{% else %}
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))  # noqa: S104  as the server does
        taken.listen()
{% endif %}
        with start(PORT=str(taken.getsockname()[1]), HEALTH_PORT=str(free_port())) as process:
            said, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert messages(said)[-1] == "failed"


def test_a_task_that_is_told_to_stop_at_once_ends_with_0() -> None:
    with start(PORT=str(free_port()), HEALTH_PORT=str(free_port())) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["message"] == "starting"
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert messages(said)[-1] == "stopped"
