{% extends "templates/_partials/fargate-service/sources/connections/main.py" %}
{% block what %}calls{% endblock %}
