{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        checkpoint_table: The table that remembers how far each chunk of a run has come.
        checkpoint_seconds: How long it remembers a chunk after its last checkpoint.
        page_parcels: How many parcels are counted between two checkpoints.
        stop_before_seconds: How long before Lambda would stop it a step ends by itself.
{% endblock %}
{% block fields %}
    checkpoint_table: str
    checkpoint_seconds: int
    page_parcels: int
    stop_before_seconds: int
{% endblock %}
{% block reads %}
            checkpoint_table=_text(variables, "CHECKPOINT_TABLE"),
            checkpoint_seconds=_positive(variables, "CHECKPOINT_SECONDS"),
            page_parcels=_positive(variables, "PAGE_PARCELS"),
            stop_before_seconds=_positive(variables, "STOP_BEFORE_SECONDS"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
