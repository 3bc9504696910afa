{% extends "templates/_partials/fargate-service/compute.py" %}
{% block container %}subscriber{% endblock %}

{% block constants %}
# Where the task answers ECS, inside the container alone.
HEALTH_PORT = 8081
ASK_WHETHER_STARTED = (
    "import http.client, sys; asked = http.client.HTTPConnection('127.0.0.1', 8081, timeout=9); "
    "asked.request('GET', '/started'); sys.exit(asked.getresponse().status != 200)"
)
{% endblock %}

{% block parameters %}
    statements: list[iam.PolicyStatement],
{% endblock %}

{% block arguments %}
        statements: What a task may do.
{% endblock %}

{% block make_task %}
    task = _make_task(stack, group, variables, statements)
{% endblock %}

{% block task %}
{% with why_stop_timeout = "The longest there is: what was heard is settled in it, or given back.", has_volume = false, has_start = true %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}
{% endblock %}
