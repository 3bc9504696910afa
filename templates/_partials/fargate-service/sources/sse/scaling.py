{% extends "templates/_partials/fargate-service/sources/connections/scaling.py" %}
{% block what %}streams{% endblock %}

{% block deserted %}nobody listens{% endblock %}

{% block bounds %}
# Streams that the memory of one task holds; more are refused.
PER_TASK = {{ decision.connections.per_task }}
CROWDED, ROOMY = {{ (decision.connections.per_task * 0.6) | int }}, {{ (decision.connections.per_task * 0.25) | int }}
{% endblock %}

{% block why_late %}
    # Whoever listens to a task that ends has to come back, so tasks end late and few at a time.
{% endblock %}

