{% extends "templates/_partials/fargate-service/compute.py" %}
{% block modules %}
from front import PORT
{% endblock %}

{% block typing %}
    from front import Front
{% endblock %}

{% block container %}server{% endblock %}

{% block parameters %}
    front: Front,
{% endblock %}

{% block arguments %}
        front: What passes {% block what %}connections{% endblock %} on to tasks.
{% endblock %}

{% block make_task %}
    # A task calls no part of AWS; a statement more here is what your work needs.
    task = _make_task(stack, group, variables, [])
{% endblock %}

{% block registries %}
        load_balancers=[
            ecs.CfnService.LoadBalancerProperty(
                container_name=CONTAINER,
                container_port=PORT,
                target_group_arn=front.targets.ref,
            ),
        ],
        # A task that starts is not judged before its server has had time to listen.
        health_check_grace_period_seconds=60,
{% endblock %}

{% block after_service %}
    service.node.add_dependency(front.rule)
{% endblock %}

{% block task %}
{% with why_stop_timeout = "The longest there is: connections end in it, one after the other.", has_volume = false, has_plain_port = true %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}
{% endblock %}

{% block roles %}
{% with may_do_nothing = true %}
{% include "templates/_partials/container/image_and_roles.py" %}
{% endwith %}
{% endblock %}
