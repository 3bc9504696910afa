"""What the task is told by its environment is checked before it does anything."""

from __future__ import annotations

import pytest
from environment import VARIABLES

from forecast_scale.settings import Settings, SettingsError

NUMBERS = sorted(name for name, value in VARIABLES.items() if value.isdigit())


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.from_environment({**VARIABLES, "PATH": "/usr/bin"})

    assert settings == Settings(
        environment="test",
        port=7000,
        health_port=8081,
        connections_at_most=1200,
        message_bytes_at_most=65536,
        at_once=2,
        silence_seconds=300,
        drain_seconds=5,
    )


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    variables = {key: text for key, text in {**VARIABLES, name: value}.items() if text is not None}

    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_environment(variables)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["0", "-1", "1e3", "many", "\u0664"])
def test_a_number_that_is_not_one_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: .* is not a whole number above 0"):
        Settings.from_environment({**VARIABLES, name: value})
