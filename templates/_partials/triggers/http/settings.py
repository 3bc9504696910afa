{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        max_body_bytes: The largest request body that is read.
{% endblock %}
{% block fields %}
    max_body_bytes: int
{% endblock %}
{% block reads %}
            max_body_bytes=_positive(variables, "MAX_BODY_BYTES"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
