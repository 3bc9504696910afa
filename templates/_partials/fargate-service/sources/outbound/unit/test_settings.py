{% extends "templates/_partials/container/test_settings.py" %}
{% block expected %}
        environment="test",
        feed_url="ws://127.0.0.1:9/feed",
        results_table="results",
        results_seconds=3600,
        positions_table="positions",
        dead_letters_url="https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters.fifo",
        at_once=2,
        held_at_most=100,
        message_bytes_at_most=65536,
        message_seconds_at_most=600,
        silence_seconds=300,
        drain_seconds=5,
        health_port=8081,
{% endblock %}
