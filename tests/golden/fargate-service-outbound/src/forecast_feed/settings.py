"""What the task is told by its environment: read once at start, checked, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "SettingsError"]


class SettingsError(RuntimeError):
    """An environment variable is missing or wrong; the message begins with its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one deployment.

    Attributes:
        environment: Which deployment this is; every log line and each of the service's own metrics carries it.
        feed_url: What it listens to; `wss:`, as infra/ has it.
        results_table: The table that keeps what came of each message.
        results_seconds: How long it keeps that.
        positions_table: The table that keeps how far the service has come.
        dead_letters_url: Where a message goes that cannot be worked on.
        at_once: How many messages are worked on at the same time.
        held_at_most: How many a task has at most; then it stops reading.
        message_bytes_at_most: The largest message; the connection ends when a larger one comes.
        message_seconds_at_most: After how long the work on one counts as hanging and is ended.
        silence_seconds: After how long without a message the connection is opened anew.
        drain_seconds: How long what was heard may take when the task is told to stop.
        health_port: Where ECS asks for health, inside the container.
    """

    environment: str
    feed_url: str
    results_table: str
    results_seconds: int
    positions_table: str
    dead_letters_url: str
    at_once: int
    held_at_most: int
    message_bytes_at_most: int
    message_seconds_at_most: int
    silence_seconds: int
    drain_seconds: int
    health_port: int

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Self:
        """Read the settings, failing with the first variable that is wrong.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        return cls(
            environment=_text(variables, "ENVIRONMENT"),
            feed_url=_text(variables, "FEED_URL"),
            results_table=_text(variables, "RESULTS_TABLE"),
            results_seconds=_positive(variables, "RESULTS_SECONDS"),
            positions_table=_text(variables, "POSITIONS_TABLE"),
            dead_letters_url=_text(variables, "DEAD_LETTERS_URL"),
            at_once=_positive(variables, "AT_ONCE"),
            held_at_most=_positive(variables, "HELD_AT_MOST"),
            message_bytes_at_most=_positive(variables, "MESSAGE_BYTES_AT_MOST"),
            message_seconds_at_most=_positive(variables, "MESSAGE_SECONDS_AT_MOST"),
            silence_seconds=_positive(variables, "SILENCE_SECONDS"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
            health_port=_positive(variables, "HEALTH_PORT"),
        )


def _text(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "").strip()
    if not value:
        message = f"{name}: set it (infra/stack.py, the task's variables)"
        raise SettingsError(message)
    return value


def _positive(variables: Mapping[str, str], name: str) -> int:
    value = _text(variables, name)
    if not (value.isascii() and value.isdigit()) or int(value) == 0:
        message = f"{name}: {value!r} is not a whole number above 0"
        raise SettingsError(message)
    return int(value)
