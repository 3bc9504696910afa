{% extends "templates/_partials/fargate-service/sources/connections/front.py" %}
{% block intro %}
"""The front door: a load balancer that speaks TLS with clients and passes event streams on to tasks that are ready."""
{% endblock %}

{% block constants %}
# A task that ends gets nobody new for so long before it is told to; who listens stays until then.
DEREGISTRATION_SECONDS = 30
{% endblock %}

{% block idle_timeout %}
            # Three heartbeats fit in. A client that does not read for so long is closed, too.
            _attribute("idle_timeout.timeout_seconds", "60"),
{% endblock %}

{% block what %}streams{% endblock %}

{% block rule %}Events{% endblock %}

{% block paths %}["/events"]{% endblock %}

