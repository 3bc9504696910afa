"""Too many, too large, too long; and what is counted."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING

import pytest
from unit.conftest import QUOTE, Caller

from list_desk import domain
from list_desk.limits import Bounds

if TYPE_CHECKING:
    from unit.conftest import Answer

BODY = json.dumps(QUOTE).encode()


def counted(caller: Caller, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    caller.counts.write()
    line = json.loads(capsys.readouterr().out)
    return {name: line[name] for name in ("Requests", "Errors")}


def test_what_is_too_much_at_once_is_refused_and_the_rest_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    caller, free = Caller(), threading.Event()
    answer = domain.quote
    monkeypatch.setattr(domain, "quote", lambda *given: free.wait(30) and answer(*given))

    async def all_at_once() -> list[Answer]:
        first = [asyncio.create_task(caller.asking("POST", "/quotes", [BODY])) for _ in range(4)]
        await asyncio.sleep(0.05)
        refused = await caller.asking("POST", "/quotes", [BODY])
        about_itself = await caller.asking("GET", "/ready", [b""])
        free.set()
        return [*await asyncio.gather(*first), refused, about_itself]

    *answered, refused, about_itself = asyncio.run(all_at_once())

    assert [one.status for one in answered] == [200] * 4
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert about_itself.status == 200
    assert caller.limits.in_flight == 0


@pytest.mark.parametrize(
    ("pieces", "headers"),
    [
        pytest.param([b" " * 1_001], {"content_length": "1001"}, id="which says so"),
        pytest.param([b" " * 400] * 3, {}, id="in pieces"),
        pytest.param([b" " * 1_001], {"content_length": "1"}, id="which says otherwise"),
    ],
)
def test_a_large_body_is_refused(pieces: list[bytes], headers: dict[str, str], caller: Caller) -> None:
    answer = asyncio.run(caller.asking("POST", "/quotes", pieces, **headers))

    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_the_largest_body_is_read(caller: Caller) -> None:
    assert caller.ask("POST", "/quotes", BODY.ljust(1_000)).status == 200


def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    caller, free = Caller(Bounds(taken_at_most=4, body_bytes=1_000, seconds=0.05)), threading.Event()
    monkeypatch.setattr(domain, "quote", lambda *_: free.wait(30))

    async def given_up() -> tuple[Answer, float]:
        began = time.monotonic()
        answer = await caller.asking("POST", "/quotes", [BODY])
        took = time.monotonic() - began
        free.set()
        return answer, took

    answer, took = asyncio.run(given_up())

    assert answer.status == 504
    assert took < 10
    assert caller.limits.in_flight == 0


def test_what_fails_is_a_problem_and_a_log_line(
    monkeypatch: pytest.MonkeyPatch, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(domain, "quote", lambda *_: 1 / 0)

    answer = caller.ask("POST", "/quotes", BODY, x_correlation_id="abc-1")

    assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["correlation_id"] == "abc-1"
    [line] = [record for record in caplog.records if record.message == "failed"]
    assert line.__dict__["fields"] == {"method": "POST", "path": "/quotes", "correlation_id": "abc-1"}


@pytest.mark.parametrize(("given", "kept"), [("abc-1", True), ("a b", False), ("x" * 65, False), ("", False)])
def test_a_correlation_id_is_kept_when_it_looks_like_one(given: str, kept: bool, caller: Caller) -> None:  # noqa: FBT001  a table
    answer = caller.ask("GET", "/zones/domestic", x_correlation_id=given)

    assert (answer.headers["x-correlation-id"] == given) is kept
    assert answer.headers["x-correlation-id"]


def test_a_task_that_drains_answers_and_lets_go_of_the_connection(caller: Caller) -> None:
    caller.desk.is_draining = True

    answer = caller.ask("POST", "/quotes", BODY)

    assert (answer.status, answer.headers["connection"]) == (200, "close")


def test_requests_and_errors_are_counted_and_questions_about_the_task_are_not(
    caller: Caller, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.ask("POST", "/quotes", BODY)
    caller.ask("GET", "/nothing")
    caller.ask("GET", "/ready")
    monkeypatch.setattr(domain, "quote", lambda *_: 1 / 0)
    caller.ask("POST", "/quotes", BODY)

    assert counted(caller, capsys) == {"Requests": 3, "Errors": 1}
