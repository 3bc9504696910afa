"""What the function is told by its environment is checked before it takes a message."""

from __future__ import annotations

import pytest
from environment import VARIABLES

from parcel_notices.settings import Settings, SettingsError


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.from_environment({**VARIABLES, "PATH": "/usr/bin"})

    assert settings == Settings(environment="test", idempotency_table="idempotency", idempotency_seconds=3600)


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    variables = {key: text for key, text in {**VARIABLES, name: value}.items() if text is not None}

    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_environment(variables)


@pytest.mark.parametrize("value", ["0", "-1", "1e3", "an hour", "\u0664"])
def test_a_time_that_is_not_a_whole_number_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^IDEMPOTENCY_SECONDS: .* is not a whole number above 0"):
        Settings.from_environment({**VARIABLES, "IDEMPOTENCY_SECONDS": value})
