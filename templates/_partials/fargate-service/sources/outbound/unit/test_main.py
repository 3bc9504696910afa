"""What the task says when it ends, and what ECS is told about it meanwhile."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from environment import VARIABLES
from unit.aws import Aws
from unit.conftest import PATIENCE_SECONDS, FeedServer, in_a_thread, order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENDLESS = 1_000_000_000


@pytest.fixture
def aws() -> Iterator[Aws]:
    """What the task calls."""
    with Aws().running() as aws:
        yield aws


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    """What the task listens to."""
    with in_a_thread(FeedServer()) as feed:
        yield feed


@pytest.fixture
def health_port() -> int:
    """Where the task says how it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start(**changed: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **VARIABLES, "PYTHONPATH": os.pathsep.join(sys.path), **changed}
    command = [sys.executable, "-m", "{{ package_name }}"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.splitlines()]


def messages(said: str) -> list[object]:
    return [line["message"] for line in lines(said) if "message" in line]


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not come to that"
        time.sleep(0.02)


def health(port: int, question: str) -> int | None:
    """Return what ECS would be told; nothing while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", question)
        return connection.getresponse().status
    return None


@pytest.mark.parametrize("name", VARIABLES)
def test_a_wrong_setting_ends_with_2_and_is_named(name: str) -> None:
    with start(**{name: " "}) as process:
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 2
    assert messages(said) == ["starting", "wrong setting"]
    assert str(lines(said)[-1]["detail"]).startswith(f"{name}: ")


def test_it_listens_works_and_keeps_how_far_it_has_come(aws: Aws, feed: FeedServer, health_port: int) -> None:
    feed.sayings += [order(41), order(42)]
    told = {"AWS_ENDPOINT_URL": aws.url, "FEED_URL": feed.url, "HEALTH_PORT": str(health_port)}
    with start(**told) as process:
        until(lambda: health(health_port, "/started") == 200)
        until(lambda: aws.actions().count("UpdateItem") == 4)
        assert [health(health_port, question) for question in ("/alive", "/connected")] == [200, 200]
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert messages(said)[:2] == ["starting", "connected"]
    assert messages(said)[-2:] == ["draining", "stopped"]
    # Two claims, two results, and where to go on.
    assert aws.actions()[0] == "GetItem"
    assert aws.asked[-1][0] == "PutItem"
    assert aws.asked[-1][1]["Item"]["reached"] == {"N": "42"}
    [counted] = [line for line in lines(said) if "_aws" in line]
    assert counted["Messages"] == 2


def test_what_cannot_connect_is_alive_and_has_not_started(aws: Aws, health_port: int) -> None:
    told = {"AWS_ENDPOINT_URL": aws.url, "HEALTH_PORT": str(health_port)}
    with start(**told) as process:
        until(lambda: health(health_port, "/alive") == 200)
        answers = [health(health_port, question) for question in ("/started", "/connected")]
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)

    assert answers == [503, 503]
    assert process.returncode == 0
    assert "connected" not in messages(said)


def test_a_stopped_task_gives_back_what_it_cannot_finish_in_time(aws: Aws, feed: FeedServer, health_port: int) -> None:
    feed.sayings += [order(1, parcels=ENDLESS)]
    told = {"AWS_ENDPOINT_URL": aws.url, "FEED_URL": feed.url, "HEALTH_PORT": str(health_port), "DRAIN_SECONDS": "1"}
    with start(**told) as process:
        until(lambda: "UpdateItem" in aws.actions())
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert messages(said)[-2:] == ["given back", "stopped"]
    # Claimed, given back; and no number was passed over.
    assert aws.actions() == ["GetItem", "UpdateItem", "UpdateItem"]


def test_a_message_that_hangs_ends_with_1_and_says_where(aws: Aws, feed: FeedServer, health_port: int) -> None:
    feed.sayings += [order(1, parcels=ENDLESS)]
    told = {"FEED_URL": feed.url, "HEALTH_PORT": str(health_port), "MESSAGE_SECONDS_AT_MOST": "1"}
    with start(AWS_ENDPOINT_URL=aws.url, **told) as process:
        said, traceback = process.communicate(timeout=60)

    assert process.returncode == 1
    assert messages(said)[-1] == "failed"
    assert "in tally" in traceback


def test_a_table_that_cannot_be_reached_ends_with_1(health_port: int) -> None:
    # No answer at all: the connection is refused.
    with start(AWS_ENDPOINT_URL="http://127.0.0.1:1", HEALTH_PORT=str(health_port)) as process:
        said, _ = process.communicate(timeout=120)

    assert process.returncode == 1
    assert messages(said)[-1] == "failed"
