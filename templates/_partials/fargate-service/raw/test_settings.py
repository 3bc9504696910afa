{% extends "templates/_partials/container/test_settings.py" %}
{% block expected %}
        environment="test",
        port=7000,
        health_port=8081,
        connections_at_most=1200,
        message_bytes_at_most={{ 1200 if protocol == "udp" else 65536 }},
        at_once=2,
        silence_seconds=300,
        drain_seconds=5,
{% endblock %}
