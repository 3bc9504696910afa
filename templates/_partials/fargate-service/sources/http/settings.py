{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        port: Where it listens.
        at_once: How many requests it works on at the same time.
        taken_at_most: How many it has at most, with those that wait.
        max_body_bytes: The largest body that it reads.
        seconds_at_most: After how long a request is given up.
{% block last_attributes %}
        linger_seconds: How long requests still come after the task was told to stop.
{% endblock %}
{% endblock %}
{% block fields %}
    port: int
    at_once: int
    taken_at_most: int
    max_body_bytes: int
    seconds_at_most: int
{% block last_fields %}
    linger_seconds: int
{% endblock %}
{% endblock %}
{% block reads %}
            port=_positive(variables, "PORT"),
            at_once=_positive(variables, "AT_ONCE"),
            taken_at_most=_positive(variables, "TAKEN_AT_MOST"),
            max_body_bytes=_positive(variables, "MAX_BODY_BYTES"),
            seconds_at_most=_positive(variables, "SECONDS_AT_MOST"),
{% block last_reads %}
            linger_seconds=_positive(variables, "LINGER_SECONDS"),
{% endblock %}
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
