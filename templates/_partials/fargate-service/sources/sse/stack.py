{% extends "templates/_partials/fargate-service/sources/connections/stack.py" %}
{% block constants %}
# A task that is told to stop ends its streams within this.
DRAIN_SECONDS = 90
{% endblock %}

{% block variables %}
            "STREAMS_AT_MOST": str(PER_TASK),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
{% endblock %}
