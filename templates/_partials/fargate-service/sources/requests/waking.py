{% extends "templates/_partials/fargate-service/sources/connections/waking.py" %}
{% block intro %}
Without a task the load balancer refuses requests with 503 by itself, and counts them: that wakes the service. Tasks say
for how long no request has been at work: that puts it to sleep, where nobody was just refused. Auto Scaling asks again
every minute.
{% endblock %}

{% block nobody %}no request at work{% endblock %}

{% block what %}requests{% endblock %}

{% block deserted %}no request is at work{% endblock %}

{% block expressions %}
# A task that ends may stay for as long as the longest request takes, and says meanwhile that it has nothing to do. So that
# it does not put to sleep what is woken meanwhile, whoever was refused in the last minutes counts as being there.
QUIET = "IF(FILL(refused, 0) > 0, 0, quiet)"
QUIET_IN_A_ROW = 10
{% endblock %}

{% block sleep %}
    _make_alarm(
        stack,
        "Deserted",
        "No request is at work in {{ project_name }}: it sleeps. Nobody has to do anything.",
        # Of several tasks the one that had the last request; a task that is told to stop says 0.
        [refused, _metric("quiet", SERVICE, "Quiet", own, "Minimum"), _expression(QUIET)],
        threshold=(QUIET_MINUTES - QUIET_IN_A_ROW + 1) * MINUTE,
        minutes=(QUIET_IN_A_ROW, QUIET_IN_A_ROW),
        actions=[sleep.attr_arn],
    )
{% endblock %}
