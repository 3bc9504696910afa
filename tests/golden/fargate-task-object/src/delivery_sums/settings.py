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
        checkpoints: The table that keeps how far each run has come.
        checkpoint_seconds: How long it keeps that.
        run_seconds_at_most: After how long a run counts as hanging and is ended.
        run_id: The run that this task works on.
        objects: The bucket where objects arrive.
        object_key: The object that it reads; the run is of one version of it.
        object_bytes: How large that version is.
    """

    environment: str
    checkpoints: str
    checkpoint_seconds: int
    run_seconds_at_most: int
    run_id: str
    objects: str
    object_key: str
    object_bytes: int

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Self:
        """Read the settings, failing with the first variable that is wrong.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        return cls(
            environment=_text(variables, "ENVIRONMENT"),
            checkpoints=_text(variables, "CHECKPOINTS"),
            checkpoint_seconds=_positive(variables, "CHECKPOINT_SECONDS"),
            run_seconds_at_most=_positive(variables, "RUN_SECONDS_AT_MOST"),
            run_id=_text(variables, "RUN_ID"),
            objects=_text(variables, "OBJECTS"),
            object_key=_key(variables, "OBJECT_KEY"),
            object_bytes=_whole(variables, "OBJECT_BYTES"),
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


def _whole(variables: Mapping[str, str], name: str) -> int:
    # An object may be empty.
    return 0 if variables.get(name, "").strip() == "0" else _positive(variables, name)


def _key(variables: Mapping[str, str], name: str) -> str:
    # A key may begin or end with a space.
    key = variables.get(name, "")
    return key if key.strip() else _text(variables, name)
