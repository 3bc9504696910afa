{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        port: Where the load balancer finds it.
        streams_at_most: How many streams a task holds; one more is refused.
        drain_seconds: How long streams may take to end when the task is told to stop.
{% endblock %}
{% block fields %}
    port: int
    streams_at_most: int
    drain_seconds: int
{% endblock %}
{% block reads %}
            port=_positive(variables, "PORT"),
            streams_at_most=_positive(variables, "STREAMS_AT_MOST"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
