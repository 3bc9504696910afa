{% extends "templates/_partials/fargate-service/sources/http/unit/test_settings.py" %}
{% block last %}
        keep_alive_seconds=75,
        drain_seconds=5,
{% endblock %}
