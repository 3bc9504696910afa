{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        port: Where {{ "the load balancer finds" if has_load_balancer else "clients find" }} it.
        health_port: Where {{ "the load balancer" if has_load_balancer else "ECS" }} asks for health.
{% if protocol == "udp" %}
        connections_at_most: How many senders a task knows; a datagram of one more is dropped.
        message_bytes_at_most: The largest datagram; a larger one is dropped.
{% else %}
        connections_at_most: How many connections a task holds; one more is refused.
        message_bytes_at_most: The largest message; a connection that sends a larger one is closed.
{% endif %}
        at_once: How many messages are worked on at the same time.
        silence_seconds: After how long without a message {{ "a sender is forgotten" if protocol == "udp" else "a connection is closed" }}.
        drain_seconds: How long {{ "what is in hand" if protocol == "udp" else "connections" }} may take to end when the task is told to stop.
{% endblock %}
{% block fields %}
    port: int
    health_port: int
    connections_at_most: int
    message_bytes_at_most: int
    at_once: int
    silence_seconds: int
    drain_seconds: int
{% endblock %}
{% block reads %}
            port=_positive(variables, "PORT"),
            health_port=_positive(variables, "HEALTH_PORT"),
            connections_at_most=_positive(variables, "CONNECTIONS_AT_MOST"),
            message_bytes_at_most=_positive(variables, "MESSAGE_BYTES_AT_MOST"),
            at_once=_positive(variables, "AT_ONCE"),
            silence_seconds=_positive(variables, "SILENCE_SECONDS"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
