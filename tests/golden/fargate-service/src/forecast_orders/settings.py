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
        queue_url: Where messages come from.
        results_table: The table that keeps what came of each.
        results_seconds: How long it keeps that.
        at_once: How many messages are worked on at the same time.
        hidden_seconds: How long a message in hand is hidden and claimed, time and again.
        message_seconds_at_most: After how long the work on one counts as hanging and is ended.
        drain_seconds: How long what is in hand may take when the task is told to stop.
        agent_uri: Where ECS offers task protection; empty outside of ECS.
    """

    environment: str
    queue_url: str
    results_table: str
    results_seconds: int
    at_once: int
    hidden_seconds: int
    message_seconds_at_most: int
    drain_seconds: int
    agent_uri: str

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Self:
        """Read the settings, failing with the first variable that is wrong.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        return cls(
            environment=_text(variables, "ENVIRONMENT"),
            queue_url=_text(variables, "QUEUE_URL"),
            results_table=_text(variables, "RESULTS_TABLE"),
            results_seconds=_positive(variables, "RESULTS_SECONDS"),
            at_once=_positive(variables, "AT_ONCE"),
            hidden_seconds=_positive(variables, "HIDDEN_SECONDS"),
            message_seconds_at_most=_positive(variables, "MESSAGE_SECONDS_AT_MOST"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
            agent_uri=variables.get("ECS_AGENT_URI", "").strip(),
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
