{% extends "templates/_partials/container/test_settings.py" %}
{% block expected %}
        environment="test",
        port=8080,
        at_once=2,
        taken_at_most=4,
        max_body_bytes=65_536,
        seconds_at_most=29,
{% block last %}
        linger_seconds=1,
{% endblock %}
{% endblock %}
