{% extends "templates/_partials/fargate-service/sources/http/environment.py" %}
{% block last %}
    "KEEP_ALIVE_SECONDS": "75",
    "DRAIN_SECONDS": "5",
{% endblock %}
