"""What the board shows."""

from __future__ import annotations

from itertools import pairwise

from depot_board import domain


def test_every_depot_has_its_turn() -> None:
    assert [domain.waiting_at(number).depot for number in range(8)] == [*domain.DEPOTS, *domain.DEPOTS]


def test_a_moment_is_the_same_for_whoever_asks() -> None:
    assert domain.waiting_at(1_767_312_000) == domain.waiting_at(1_767_312_000)


def test_parcels_come_and_go_without_a_jump_and_are_never_fewer_than_none() -> None:
    day = [domain.waiting_at(number).parcels for number in range(86_400)]

    assert min(day) >= 0
    assert max(day) > 300
    assert max(abs(later - sooner) for sooner, later in pairwise(day)) < 50
