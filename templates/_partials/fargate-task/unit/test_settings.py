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
{% if event_source == "array" %}
        item=1,
        items=4,
{% endif %}
        seed=7,
        parcels={{ 400 if event_source == "array" else 100 }},
{% endif %}
{% endblock %}
{% block zero %}{% if event_source not in ["array", "object"] %}"0", {% endif %}{% endblock %}
{% block more %}
{% if event_source == "object" %}


def test_a_key_keeps_its_spaces_and_an_object_may_be_empty() -> None:
    settings = Settings.from_environment({**VARIABLES, "OBJECT_KEY": " a ", "OBJECT_BYTES": "0"})

    assert (settings.object_key, settings.object_bytes) == (" a ", 0)
{% endif %}
{% if event_source == "array" %}


def test_the_first_item_has_the_number_0() -> None:
    assert Settings.from_environment({**VARIABLES, "AWS_BATCH_JOB_ARRAY_INDEX": "0"}).item == 0
{% endif %}
{% if event_source in ["array", "object"] %}


@pytest.mark.parametrize("name", sorted({*NUMBERS} - {"{{ {"array": "AWS_BATCH_JOB_ARRAY_INDEX", "object": "OBJECT_BYTES"}[event_source] }}"}))
def test_what_must_not_be_nothing_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: .* is not a whole number above 0"):
        Settings.from_environment({**VARIABLES, name: "0"})
{% endif %}
{% endblock %}
