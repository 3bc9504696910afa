"""Protection is asked for as ECS wants it, and where nobody answers, work does not begin."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from {{ package_name }}.protection import Protection

if TYPE_CHECKING:
    from unit.conftest import Agent


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (10**6, 2_880)])
def test_it_ends_by_itself_in_whole_minutes_and_two_days_at_most(agent: Agent, seconds: int, minutes: int) -> None:
    held = Protection(agent.uri, at_most_seconds=seconds).hold()

    assert held
    assert agent.asked[-1]["ExpiresInMinutes"] == minutes


def test_a_refusal_is_said(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    agent.refuses = True

    assert not Protection(agent.uri, at_most_seconds=60).hold()
    assert caplog.records[-1].__dict__["fields"]["detail"] == {"failure": {"Reason": "stopping"}}


def test_silence_is_a_refusal() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{nobody.getsockname()[1]}/api/task"

        assert not Protection(uri, at_most_seconds=60).hold()


def test_outside_of_ecs_nobody_stops_a_task_and_there_is_nothing_to_hold() -> None:
    assert Protection("", at_most_seconds=60).hold()
