{% extends "templates/_partials/container/test_settings.py" %}
{% block expected %}
        environment="test",
        checkpoints="checkpoints",
{% if checkpoint == "dynamodb" %}
        checkpoint_seconds=3600,
{% endif %}
        run_seconds_at_most=60,
        run_id="run-1",
{% if event_source == "object" %}
        objects=VARIABLES["OBJECTS"],
        object_key=VARIABLES["OBJECT_KEY"],
        object_bytes=4_000,
{% else %}
        seed=7,
        parcels=100,
{% endif %}
{% endblock %}
{% block zero %}{% if event_source != "object" %}"0", {% endif %}{% endblock %}
{% block more %}
{% if event_source == "object" %}


def test_a_key_keeps_its_spaces_and_an_object_may_be_empty() -> None:
    settings = Settings.from_environment({**VARIABLES, "OBJECT_KEY": " a ", "OBJECT_BYTES": "0"})

    assert (settings.object_key, settings.object_bytes) == (" a ", 0)


@pytest.mark.parametrize("name", sorted({*NUMBERS} - {"OBJECT_BYTES"}))
def test_what_must_not_be_nothing_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: .* is not a whole number above 0"):
        Settings.from_environment({**VARIABLES, name: "0"})
{% endif %}
{% endblock %}
