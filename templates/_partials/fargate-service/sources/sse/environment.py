{% extends "templates/_partials/fargate-service/sources/connections/environment.py" %}
{% block own %}
    "STREAMS_AT_MOST": "1200",
    "DRAIN_SECONDS": "5",
{% endblock %}
