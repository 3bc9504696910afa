{% extends "templates/_partials/fargate-service/sources/connections/compute.py" %}
{% block what %}calls{% endblock %}
