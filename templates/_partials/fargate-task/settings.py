{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        checkpoints: The {{ {"dynamodb": "table", "s3": "bucket"}[checkpoint] }} that keeps how far each run has come.
{% if checkpoint == "dynamodb" %}
        checkpoint_seconds: How long it keeps that.
{% endif %}
        run_seconds_at_most: After how long a run counts as hanging and is ended.
        run_id: The run that this task works on{% if event_source == "array" %}, together with others{% endif %}.
{% if event_source == "object" %}
        objects: The bucket where objects arrive.
        object_key: The object that it reads; the run is of one version of it.
        object_bytes: How large that version is.
{% else %}
{% if event_source == "array" %}
        item: Which item of the run is this task's, counted from 0.
        items: How many the run has; Batch sets both.
{% endif %}
        seed: Which forecast it makes.
        parcels: How many parcels the forecast has.
{% endif %}
{% endblock %}
{% block fields %}
    checkpoints: str
{% if checkpoint == "dynamodb" %}
    checkpoint_seconds: int
{% endif %}
    run_seconds_at_most: int
    run_id: str
{% if event_source == "object" %}
    objects: str
    object_key: str
    object_bytes: int
{% else %}
{% if event_source == "array" %}
    item: int
    items: int
{% endif %}
    seed: int
    parcels: int
{% endif %}
{% endblock %}
{% block reads %}
            checkpoints=_text(variables, "CHECKPOINTS"),
{% if checkpoint == "dynamodb" %}
            checkpoint_seconds=_positive(variables, "CHECKPOINT_SECONDS"),
{% endif %}
            run_seconds_at_most=_positive(variables, "RUN_SECONDS_AT_MOST"),
            run_id=_text(variables, "RUN_ID"),
{% if event_source == "object" %}
            objects=_text(variables, "OBJECTS"),
            object_key=_key(variables, "OBJECT_KEY"),
            object_bytes=_whole(variables, "OBJECT_BYTES"),
{% else %}
{% if event_source == "array" %}
            item=_whole(variables, "AWS_BATCH_JOB_ARRAY_INDEX"),
            items=_positive(variables, "AWS_BATCH_JOB_ARRAY_SIZE"),
{% endif %}
            seed=_positive(variables, "SEED"),
            parcels=_positive(variables, "PARCELS"),
{% endif %}
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% if event_source in ["array", "object"] %}


def _whole(variables: Mapping[str, str], name: str) -> int:
    # {{ {"array": "The first item has this number", "object": "An object may be empty"}[event_source] }}.
    return 0 if variables.get(name, "").strip() == "0" else _positive(variables, name)
{% endif %}
{% if event_source == "object" %}


def _key(variables: Mapping[str, str], name: str) -> str:
    # A key may begin or end with a space.
    key = variables.get(name, "")
    return key if key.strip() else _text(variables, name)
{% endif %}
{% endblock %}
