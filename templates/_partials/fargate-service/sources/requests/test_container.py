{% extends "templates/_partials/fargate-service/sources/http/test_container.py" %}
{% block health %}{% endblock %}
