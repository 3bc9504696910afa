"""What the task is told by its environment is checked before it does anything."""

from __future__ import annotations

import pytest
from environment import VARIABLES

from list_desk.settings import Settings, SettingsError

NUMBERS = sorted(name for name, value in VARIABLES.items() if value.isdigit())


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.from_environment({**VARIABLES, "PATH": "/usr/bin"})

    assert settings == Settings(
        environment="test",
        port=8080,
        at_once=2,
        taken_at_most=4,
        max_body_bytes=65_536,
        seconds_at_most=29,
        keep_alive_seconds=75,
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
