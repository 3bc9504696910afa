"""The last events: kept once, numbered without a gap, and the same in every task."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from depot_board import domain
from depot_board.feed import KEPT, Feed


def made(first: int, count: int) -> Feed:
    feed = Feed()
    for number in range(first, first + count):
        feed.add(number)
    return feed


def test_an_event_is_written_as_clients_read_it() -> None:
    feed = made(17, 1)

    event = feed.after(16)

    assert event is not None
    head, kind, said, *end = event.text.decode().split("\n")
    assert (head, kind, end) == ("id: 17", "event: waiting", ["", ""])
    waiting = domain.waiting_at(17)
    assert json.loads(said.removeprefix("data: ")) == {"depot": waiting.depot, "parcels": waiting.parcels}


@pytest.mark.parametrize(
    ("has", "comes"),
    [(9, 10), (10, 11), (18, 19), (19, None), (500, None), (3, 10)],
    ids=["the first", "the second", "the last", "none yet", "one to come", "one that is gone"],
)
def test_the_event_after_the_last_one_comes_next(has: int, comes: int | None) -> None:
    event = made(10, 10).after(has)

    assert (event and event.number) == comes


def test_no_more_are_kept_than_fit() -> None:
    feed = made(0, 5 * KEPT)

    assert (feed.oldest, feed.newest) == (4 * KEPT, 5 * KEPT - 1)


def test_a_task_that_starts_has_what_others_have_and_leaves_no_number_out() -> None:
    feed = Feed()
    assert not feed.is_ready

    async def run() -> list[int]:
        told: asyncio.Queue[int] = asyncio.Queue()
        running = asyncio.create_task(feed.run(lambda: told.put_nowait(feed.newest)))
        async with asyncio.timeout(30):
            numbers = [await told.get() for _ in range(3)]
        running.cancel()
        return numbers

    told = asyncio.run(run())

    assert feed.newest - feed.oldest == KEPT - 1
    assert told == list(range(told[0], told[0] + len(told)))
    assert abs(feed.newest - time.time()) < 5
