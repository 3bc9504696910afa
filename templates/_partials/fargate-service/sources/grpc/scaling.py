{% extends "templates/_partials/fargate-service/sources/connections/scaling.py" %}
{% block what %}calls{% endblock %}

{% block deserted %}nobody calls{% endblock %}

{% block bounds %}
# Open calls that one task {{ "works on or lets wait" if protocol == "grpc_unary" else "has the memory for" }}; more are refused.
PER_TASK = {{ decision.connections.per_task }}
CROWDED, ROOMY = {{ (decision.connections.per_task * 0.6) | int }}, {{ (decision.connections.per_task * 0.25) | int }}
{% endblock %}

{% block why_late %}
    # Whoever has a stream on a task that ends has to call again, so tasks end late and few at a time.
{% endblock %}
