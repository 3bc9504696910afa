{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        idempotency_table: The table that remembers which objects were worked on.
        idempotency_seconds: How long it remembers them.
        max_line_bytes: The longest line of an object that is read.
{% endblock %}
{% block fields %}
    idempotency_table: str
    idempotency_seconds: int
    max_line_bytes: int
{% endblock %}
{% block reads %}
            idempotency_table=_text(variables, "IDEMPOTENCY_TABLE"),
            idempotency_seconds=_positive(variables, "IDEMPOTENCY_SECONDS"),
            max_line_bytes=_positive(variables, "MAX_LINE_BYTES"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
