{% extends "templates/_partials/fargate-service/sources/http/settings.py" %}
{% block last_attributes %}
        keep_alive_seconds: How long it keeps a connection that nobody uses: longer than the load balancer does, or
            that one sends a request into a connection that is just being closed.
        drain_seconds: How long requests at work may take to end when the task is told to stop.
{% endblock %}

{% block last_fields %}
    keep_alive_seconds: int
    drain_seconds: int
{% endblock %}

{% block last_reads %}
            keep_alive_seconds=_positive(variables, "KEEP_ALIVE_SECONDS"),
            drain_seconds=_positive(variables, "DRAIN_SECONDS"),
{% endblock %}
