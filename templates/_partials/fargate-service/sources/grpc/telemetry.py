{% extends "templates/_partials/fargate-service/sources/connections/telemetry.py" %}
{% block what %}calls{% endblock %}

{% block more_counted %}, "late": "Late", "failed": "Failed"{% endblock %}
