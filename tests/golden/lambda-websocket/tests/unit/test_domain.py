"""Rooms and what is said in them, without AWS."""

from __future__ import annotations

import pytest

from parcel_rooms import domain


@pytest.mark.parametrize("name", ["a", "7", "lobby", "room-17", "x" * 32])
def test_a_room_is_called_by_letters_digits_and_hyphens(name: str) -> None:
    assert domain.room_called(name) == name


@pytest.mark.parametrize("name", ["", " ", "Lobby", "-a", "a b", "a/b", "x" * 33, "lobby\n", "\u0664", "caf\u00e9"])
def test_no_room_is_called_otherwise(name: str) -> None:
    with pytest.raises(domain.NoRoomError, match="1 to 32"):
        domain.room_called(name)


def test_a_room_hears_what_is_said_in_it() -> None:
    assert domain.say("lobby", "  hello ") == domain.Message(room="lobby", text="hello")


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_message_says_something(text: str) -> None:
    with pytest.raises(domain.NothingSaidError):
        domain.say("lobby", text)
