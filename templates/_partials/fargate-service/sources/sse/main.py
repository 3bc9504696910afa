{% extends "templates/_partials/fargate-service/sources/connections/main.py" %}
{% block what %}event streams{% endblock %}
