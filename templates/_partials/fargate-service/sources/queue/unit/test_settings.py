{% extends "templates/_partials/container/test_settings.py" %}
{% block expected %}
        environment="test",
        queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/messages",
        results_table="results",
        results_seconds=3600,
        at_once=2,
        hidden_seconds=120,
        message_seconds_at_most=600,
        drain_seconds=5,
        agent_uri="",
{% endblock %}
