{% extends "templates/_partials/fargate-service/sources/connections/compute.py" %}
{% block what %}requests{% endblock %}

{% block task %}
{% with why_stop_timeout = "The longest there is. The load balancer has waited before for what a task had; this is for what is left.", has_volume = false, has_plain_port = true %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}
{% endblock %}
