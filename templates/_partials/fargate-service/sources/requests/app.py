{% extends "templates/_partials/fargate-service/sources/http/app.py" %}
{% block who_replaces %}, for whoever looks into the task{% endblock %}

{% block asker %}the load balancer before it sends any{% endblock %}

