{% extends "templates/_partials/fargate-service/sources/connections/compute.py" %}
{% block after_service %}
    service.node.add_dependency(front.listener)
{% endblock %}
