{% extends "templates/_partials/fargate-service/sources/connections/compute.py" %}
{% block what %}streams{% endblock %}

{% block task %}
{% with why_stop_timeout = "The longest there is: streams end in it, one after the other.", has_volume = false, has_plain_port = true %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}
{% endblock %}
