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
        run_id: The run that this task works on, together with others.
        item: Which item of the run is this task's, counted from 0.
        items: How many the run has; Batch sets both.
        seed: Which forecast it makes.
        parcels: How many parcels the forecast has.
    """

    environment: str
    checkpoints: str
    checkpoint_seconds: int
    run_seconds_at_most: int
    run_id: str
    item: int
    items: int
    seed: int
    parcels: int

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
            item=_whole(variables, "AWS_BATCH_JOB_ARRAY_INDEX"),
            items=_positive(variables, "AWS_BATCH_JOB_ARRAY_SIZE"),
            seed=_positive(variables, "SEED"),
            parcels=_positive(variables, "PARCELS"),
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
    # The first item has this number.
    return 0 if variables.get(name, "").strip() == "0" else _positive(variables, name)
