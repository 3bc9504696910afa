"""What the function is told by its environment: read once at start, checked, frozen."""

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
        idempotency_table: The table that remembers which objects were worked on.
        idempotency_seconds: How long it remembers them.
        max_line_bytes: The longest line of an object that is read.
    """

    environment: str
    idempotency_table: str
    idempotency_seconds: int
    max_line_bytes: int

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Self:
        """Read the settings, failing with the first variable that is wrong.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        return cls(
            environment=_text(variables, "ENVIRONMENT"),
            idempotency_table=_text(variables, "IDEMPOTENCY_TABLE"),
            idempotency_seconds=_positive(variables, "IDEMPOTENCY_SECONDS"),
            max_line_bytes=_positive(variables, "MAX_LINE_BYTES"),
        )


def _text(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "").strip()
    if not value:
        message = f"{name}: set it (template.yaml, Environment.Variables)"
        raise SettingsError(message)
    return value


def _positive(variables: Mapping[str, str], name: str) -> int:
    value = _text(variables, name)
    if not (value.isascii() and value.isdigit()) or int(value) == 0:
        message = f"{name}: {value!r} is not a whole number above 0"
        raise SettingsError(message)
    return int(value)
