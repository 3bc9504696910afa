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
        port: Where clients find it.
        health_port: Where ECS asks for health.
        connections_at_most: How many connections a task holds; one more is refused.
        message_bytes_at_most: The largest message; a connection that sends a larger one is closed.
        at_once: How many messages are worked on at the same time.
        silence_seconds: After how long without a message a connection is closed.
        drain_seconds: How long connections may take to end when the task is told to stop.
    """

    environment: str
    port: int
    health_port: int
    connections_at_most: int
    message_bytes_at_most: int
    at_once: int
    silence_seconds: int
    drain_seconds: int

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Self:
        """Read the settings, failing with the first variable that is wrong.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        return cls(
            environment=_text(variables, "ENVIRONMENT"),
            port=_positive(variables, "PORT"),
            health_port=_positive(variables, "HEALTH_PORT"),
            connections_at_most=_positive(variables, "CONNECTIONS_AT_MOST"),
            message_bytes_at_most=_positive(variables, "MESSAGE_BYTES_AT_MOST"),
            at_once=_positive(variables, "AT_ONCE"),
            silence_seconds=_positive(variables, "SILENCE_SECONDS"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
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
