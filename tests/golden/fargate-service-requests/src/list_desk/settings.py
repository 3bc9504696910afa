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
        port: Where it listens.
        at_once: How many requests it works on at the same time.
        taken_at_most: How many it has at most, with those that wait.
        max_body_bytes: The largest body that it reads.
        seconds_at_most: After how long a request is given up.
        keep_alive_seconds: How long it keeps a connection that nobody uses: longer than the load balancer does, or
            that one sends a request into a connection that is just being closed.
        drain_seconds: How long requests at work may take to end when the task is told to stop.
    """

    environment: str
    port: int
    at_once: int
    taken_at_most: int
    max_body_bytes: int
    seconds_at_most: int
    keep_alive_seconds: int
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
            at_once=_positive(variables, "AT_ONCE"),
            taken_at_most=_positive(variables, "TAKEN_AT_MOST"),
            max_body_bytes=_positive(variables, "MAX_BODY_BYTES"),
            seconds_at_most=_positive(variables, "SECONDS_AT_MOST"),
            keep_alive_seconds=_positive(variables, "KEEP_ALIVE_SECONDS"),
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
