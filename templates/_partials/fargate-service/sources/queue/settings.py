{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        queue_url: Where messages come from.
        results_table: The table that keeps what came of each.
        results_seconds: How long it keeps that.
        at_once: How many messages are worked on at the same time.
        hidden_seconds: How long a message in hand is hidden and claimed, time and again.
        message_seconds_at_most: After how long the work on one counts as hanging and is ended.
        drain_seconds: How long what is in hand may take when the task is told to stop.
        agent_uri: Where ECS offers task protection; empty outside of ECS.
{% endblock %}
{% block fields %}
    queue_url: str
    results_table: str
    results_seconds: int
    at_once: int
    hidden_seconds: int
    message_seconds_at_most: int
    drain_seconds: int
    agent_uri: str
{% endblock %}
{% block reads %}
            queue_url=_text(variables, "QUEUE_URL"),
            results_table=_text(variables, "RESULTS_TABLE"),
            results_seconds=_positive(variables, "RESULTS_SECONDS"),
            at_once=_positive(variables, "AT_ONCE"),
            hidden_seconds=_positive(variables, "HIDDEN_SECONDS"),
            message_seconds_at_most=_positive(variables, "MESSAGE_SECONDS_AT_MOST"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
            agent_uri=variables.get("ECS_AGENT_URI", "").strip(),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
