{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        feed_url: What it listens to; `wss:`, as infra/ has it.
        results_table: The table that keeps what came of each message.
        results_seconds: How long it keeps that.
        positions_table: The table that keeps how far the service has come.
        dead_letters_url: Where a message goes that cannot be worked on.
        at_once: How many messages are worked on at the same time.
        held_at_most: How many a task has at most; then it stops reading.
        message_bytes_at_most: The largest message; the connection ends when a larger one comes.
        message_seconds_at_most: After how long the work on one counts as hanging and is ended.
        silence_seconds: After how long without a message the connection is opened anew.
        drain_seconds: How long what was heard may take when the task is told to stop.
        health_port: Where ECS asks for health, inside the container.
{% endblock %}
{% block fields %}
    feed_url: str
    results_table: str
    results_seconds: int
    positions_table: str
    dead_letters_url: str
    at_once: int
    held_at_most: int
    message_bytes_at_most: int
    message_seconds_at_most: int
    silence_seconds: int
    drain_seconds: int
    health_port: int
{% endblock %}
{% block reads %}
            feed_url=_text(variables, "FEED_URL"),
            results_table=_text(variables, "RESULTS_TABLE"),
            results_seconds=_positive(variables, "RESULTS_SECONDS"),
            positions_table=_text(variables, "POSITIONS_TABLE"),
            dead_letters_url=_text(variables, "DEAD_LETTERS_URL"),
            at_once=_positive(variables, "AT_ONCE"),
            held_at_most=_positive(variables, "HELD_AT_MOST"),
            message_bytes_at_most=_positive(variables, "MESSAGE_BYTES_AT_MOST"),
            message_seconds_at_most=_positive(variables, "MESSAGE_SECONDS_AT_MOST"),
            silence_seconds=_positive(variables, "SILENCE_SECONDS"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
            health_port=_positive(variables, "HEALTH_PORT"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
