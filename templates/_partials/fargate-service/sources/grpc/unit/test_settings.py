{% extends "templates/_partials/container/test_settings.py" %}
{% block expected %}
        environment="test",
        port=8080,
        calls_at_most=1200,
        message_bytes_at_most=65536,
        at_once=2,
        answer_seconds_at_most=30,
        drain_seconds=5,
{% endblock %}
