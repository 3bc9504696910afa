{% extends "templates/_partials/fargate-service/sources/connections/infra/test_scaling.py" %}
{% block somebody %}anybody calls{% endblock %}

{% block what %}calls{% endblock %}

{% block most %}CALLS_AT_MOST{% endblock %}
