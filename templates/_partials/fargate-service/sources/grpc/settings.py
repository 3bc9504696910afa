{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        port: Where the load balancer finds it.
        calls_at_most: How many calls a task has open; one more is refused.
        message_bytes_at_most: The largest message; a call that sends more is refused with RESOURCE_EXHAUSTED.
        at_once: How many messages are worked on at the same time.
        answer_seconds_at_most: After how long a message is given up with DEADLINE_EXCEEDED.
        drain_seconds: How long calls may take to end when the task is told to stop.
{% endblock %}
{% block fields %}
    port: int
    calls_at_most: int
    message_bytes_at_most: int
    at_once: int
    answer_seconds_at_most: int
    drain_seconds: int
{% endblock %}
{% block reads %}
            port=_positive(variables, "PORT"),
            calls_at_most=_positive(variables, "CALLS_AT_MOST"),
            message_bytes_at_most=_positive(variables, "MESSAGE_BYTES_AT_MOST"),
            at_once=_positive(variables, "AT_ONCE"),
            answer_seconds_at_most=_positive(variables, "ANSWER_SECONDS_AT_MOST"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
