{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        port: Where the load balancer finds it.
        connections_at_most: How many connections a task holds; one more is refused.
        message_bytes_at_most: The largest message; a connection that sends more is closed with 1009.
        at_once: How many messages are worked on at the same time.
        drain_seconds: How long connections may take to end when the task is told to stop.
{% endblock %}
{% block fields %}
    port: int
    connections_at_most: int
    message_bytes_at_most: int
    at_once: int
    drain_seconds: int
{% endblock %}
{% block reads %}
            port=_positive(variables, "PORT"),
            connections_at_most=_positive(variables, "CONNECTIONS_AT_MOST"),
            message_bytes_at_most=_positive(variables, "MESSAGE_BYTES_AT_MOST"),
            at_once=_positive(variables, "AT_ONCE"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
