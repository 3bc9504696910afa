{% extends "templates/_partials/container/test_settings.py" %}
{% block expected %}
        environment="test",
        port=8080,
        streams_at_most=1200,
        drain_seconds=5,
{% endblock %}
