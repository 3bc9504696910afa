"""What the function is told by its environment is checked before it answers anything."""

from __future__ import annotations

import pytest

from parcel_rooms.settings import Settings, SettingsError

VARIABLES = {
    "ENVIRONMENT": "dev",
    "TABLE_NAME": "connections",
    "CALLBACK_URL": "https://api.example/live",
    "MAX_MESSAGE_BYTES": "131072",
}


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.from_environment({**VARIABLES, "PATH": "/usr/bin"})

    assert settings == Settings(
        environment="dev",
        table_name="connections",
        callback_url="https://api.example/live",
        max_message_bytes=131_072,
    )


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    variables = {key: text for key, text in {**VARIABLES, name: value}.items() if text is not None}

    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_environment(variables)


@pytest.mark.parametrize("value", ["0", "-1", "1e3", "64 kB", "six", "\u0664"])
def test_a_size_that_is_not_a_whole_number_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^MAX_MESSAGE_BYTES: .* is not a whole number above 0"):
        Settings.from_environment({**VARIABLES, "MAX_MESSAGE_BYTES": value})
