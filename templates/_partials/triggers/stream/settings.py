{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        idempotency_table: The table that remembers which messages were worked on.
        idempotency_seconds: How long it remembers them.
{% endblock %}
{% block fields %}
    idempotency_table: str
    idempotency_seconds: int
{% endblock %}
{% block reads %}
            idempotency_table=_text(variables, "IDEMPOTENCY_TABLE"),
            idempotency_seconds=_positive(variables, "IDEMPOTENCY_SECONDS"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
