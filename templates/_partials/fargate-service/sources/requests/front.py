{% extends "templates/_partials/fargate-service/sources/connections/front.py" %}
{% block intro %}
"""The front door: a load balancer that speaks TLS with callers and passes their requests on to tasks that are ready."""
{% endblock %}

{% block names %}"IDLE_SECONDS", "PORT", "SECONDS_AT_MOST", "Front", "make_front"{% endblock %}

{% block constants %}
# What the application answers: five patterns at most. Whoever asks for anything else gets 404 from the load balancer{% if decision.scale_to_zero.min_capacity == 0 %}

# itself, and wakes nothing{% endif %}.
PATHS = ["/quotes", "/zones/*"]
# After so long a task gives a request up{% if longest_run_s %}: {{ longest_run_s }} s were stated as the longest, and this is a little more{% endif %}.
SECONDS_AT_MOST = {{ decision.serving.seconds_at_most }}
MARGIN_SECONDS = 10
# The load balancer waits for longer, so that a caller learns of it from the task.
IDLE_SECONDS = SECONDS_AT_MOST + MARGIN_SECONDS
# A task that ends gets nobody new for so long before it is told to: what it had until then is answered.
DEREGISTRATION_SECONDS = SECONDS_AT_MOST + MARGIN_SECONDS
{% endblock %}

{% block idle_timeout %}
            # For as long nothing is heard of a request that is at work.
            _attribute("idle_timeout.timeout_seconds", str(IDLE_SECONDS)),
{% endblock %}

{% block what %}requests{% endblock %}

{% block rule %}Requests{% endblock %}

{% block paths %}PATHS{% endblock %}

