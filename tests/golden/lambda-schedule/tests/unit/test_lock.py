"""Only one holds the lock, and nobody for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES
from unit.dynamodb import records

from tariff_publisher.handlers import schedule
from tariff_publisher.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["records"]


@pytest.fixture
def lock(records: Callable[[], list[dict[str, Any]]]) -> Lock:
    assert records() == []
    return Lock(schedule.records.client, VARIABLES["IDEMPOTENCY_TABLE"])


def test_only_one_holds_it(lock: Lock) -> None:
    with lock.hold("a", 60) as first, lock.hold("b", 60) as second:
        assert (first, second) == (True, False)
    with lock.hold("b", 60) as again:
        assert again


def test_who_did_not_get_it_does_not_release_it(lock: Lock) -> None:
    with lock.hold("a", 60):
        with lock.hold("b", 60):
            pass
        with lock.hold("c", 60) as third:
            assert not third


def test_who_failed_has_released_it(lock: Lock) -> None:
    with pytest.raises(ValueError, match="no luck"), lock.hold("a", 60):
        raise ValueError("no luck")  # noqa: EM101, TRY003 - any failure will do

    with lock.hold("b", 60) as second:
        assert second


def test_it_ends_by_itself_and_then_belongs_to_the_next(
    lock: Lock,
    records: Callable[[], list[dict[str, Any]]],
) -> None:
    with lock.hold("killed", -1):
        with lock.hold("next", 60) as second:
            assert second
            [item] = records()
            assert item["holder"] == {"S": "next"}
        with lock.hold("again", 60):
            pass


def test_the_same_run_tried_again_finds_it_its_own(lock: Lock) -> None:
    with lock.hold("a", 60), lock.hold("a", 60) as retried:
        assert retried


def test_a_holder_whose_time_was_over_does_not_release_the_lock_of_another(lock: Lock) -> None:
    late, other = lock.hold("late", -1), lock.hold("other", 60)
    late.__enter__()
    with other:
        late.__exit__(None, None, None)

        with lock.hold("third", 60) as third:
            assert not third
