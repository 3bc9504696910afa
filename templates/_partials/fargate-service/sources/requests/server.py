{% extends "templates/_partials/fargate-service/sources/http/server.py" %}
{% block constants %}{% endblock %}

{% block after_sigterm %}
    ECS sends SIGTERM when the load balancer has sent nothing new for as long as the longest request takes. So there is
    nothing to wait for: the task takes no more and finishes what it has.
{% endblock %}

{% block caller %}The load balancer{% endblock %}

{% block linger %}
{% if decision.scale_to_zero.min_capacity == 0 %}
        counts.end()
{% endif %}
{% endblock %}

{% block first_count %}
{% if decision.scale_to_zero.min_capacity == 0 %}
    # What puts the service to sleep has to know at once that a task is there.
    counts.write()
{% endif %}
{% endblock %}

{% block timeouts %}
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.drain_seconds,
{% endblock %}

