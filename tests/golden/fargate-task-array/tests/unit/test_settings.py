"""What the task is told by its environment is checked before it does anything."""

from __future__ import annotations

import pytest
from environment import VARIABLES

from tariff_forecast.settings import Settings, SettingsError

NUMBERS = sorted(name for name, value in VARIABLES.items() if value.isdigit())


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.from_environment({**VARIABLES, "PATH": "/usr/bin"})

    assert settings == Settings(
        environment="test",
        checkpoints="checkpoints",
        checkpoint_seconds=3600,
        run_seconds_at_most=60,
        run_id="run-1",
        item=1,
        items=4,
        seed=7,
        parcels=400,
    )


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    variables = {key: text for key, text in {**VARIABLES, name: value}.items() if text is not None}

    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_environment(variables)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["-1", "1e3", "many", "\u0664"])
def test_a_number_that_is_not_one_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: .* is not a whole number above 0"):
        Settings.from_environment({**VARIABLES, name: value})


def test_the_first_item_has_the_number_0() -> None:
    assert Settings.from_environment({**VARIABLES, "AWS_BATCH_JOB_ARRAY_INDEX": "0"}).item == 0


@pytest.mark.parametrize("name", sorted({*NUMBERS} - {"AWS_BATCH_JOB_ARRAY_INDEX"}))
def test_what_must_not_be_nothing_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: .* is not a whole number above 0"):
        Settings.from_environment({**VARIABLES, name: "0"})
