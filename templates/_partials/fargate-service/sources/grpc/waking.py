{% extends "templates/_partials/fargate-service/sources/connections/waking.py" %}
{% block intro %}
Without a task the load balancer refuses calls with 503 by itself, and counts them: that wakes the service. Tasks say
for how long nobody has called: that puts it to sleep. Auto Scaling asks again every minute, and of two answers at the
same time it takes the larger number of tasks, so whoever comes while the service falls asleep wakes it.
{% endblock %}

{% block nobody %}no call{% endblock %}

{% block what %}calls{% endblock %}

{% block deserted %}nobody calls{% endblock %}

{% block told_deserted %}Nobody calls{% endblock %}
