"""What the function is told by its environment is checked before it reads an object."""

from __future__ import annotations

import pytest
from environment import VARIABLES

from parcel_deliveries.settings import Settings, SettingsError


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.from_environment({**VARIABLES, "PATH": "/usr/bin"})

    assert settings == Settings(
        environment="test",
        idempotency_table="idempotency",
        idempotency_seconds=3600,
        max_line_bytes=1024,
    )


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    variables = {key: text for key, text in {**VARIABLES, name: value}.items() if text is not None}

    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_environment(variables)


@pytest.mark.parametrize("name", ["IDEMPOTENCY_SECONDS", "MAX_LINE_BYTES"])
@pytest.mark.parametrize("value", ["0", "-1", "1e3", "64 kB", "\u0664"])
def test_what_is_not_a_whole_number_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: .* is not a whole number above 0"):
        Settings.from_environment({**VARIABLES, name: value})
