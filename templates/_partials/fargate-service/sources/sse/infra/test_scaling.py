{% extends "templates/_partials/fargate-service/sources/connections/infra/test_scaling.py" %}
{% block what %}streams{% endblock %}

{% block somebody %}anybody listens{% endblock %}

{% block most %}STREAMS_AT_MOST{% endblock %}
