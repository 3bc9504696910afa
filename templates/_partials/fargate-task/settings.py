{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        checkpoints: The {{ {"dynamodb": "table", "s3": "bucket"}[checkpoint] }} that keeps how far each run has come.
{% if checkpoint == "dynamodb" %}
        checkpoint_seconds: How long it keeps that.
{% endif %}
        run_seconds_at_most: After how long a run counts as hanging and is ended.
        run_id: The run that this task works on.
        seed: Which forecast it makes.
        parcels: How many parcels the forecast has.
{% endblock %}
{% block fields %}
    checkpoints: str
{% if checkpoint == "dynamodb" %}
    checkpoint_seconds: int
{% endif %}
    run_seconds_at_most: int
    run_id: str
    seed: int
    parcels: int
{% endblock %}
{% block reads %}
            checkpoints=_text(variables, "CHECKPOINTS"),
{% if checkpoint == "dynamodb" %}
            checkpoint_seconds=_positive(variables, "CHECKPOINT_SECONDS"),
{% endif %}
            run_seconds_at_most=_positive(variables, "RUN_SECONDS_AT_MOST"),
            run_id=_text(variables, "RUN_ID"),
            seed=_positive(variables, "SEED"),
            parcels=_positive(variables, "PARCELS"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
