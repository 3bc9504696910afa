{% extends "templates/_partials/fargate-service/sources/connections/waking.py" %}
{% block what %}streams{% endblock %}

{% block nobody %}nobody listening{% endblock %}

{% block deserted %}nobody listens{% endblock %}
