{% extends "templates/_partials/fargate-service/compute.py" %}
{% block typing %}
    from aws_cdk import aws_servicediscovery as discovery
{% endblock %}

{% block container %}server{% endblock %}

{% block constants %}
# Where the task listens, for API Gateway alone.
PORT = 8080
ASK_WHETHER_ALIVE = (
    "import http.client, sys; asked = http.client.HTTPConnection('127.0.0.1', 8080, timeout=4); "
    "asked.request('GET', '/alive'); sys.exit(asked.getresponse().status != 204)"
)
{% endblock %}

{% block parameters %}
    registry: discovery.IService,
{% endblock %}

{% block arguments %}
        registry: Where ECS writes down the address of each task, for API Gateway to find.
{% endblock %}

{% block make_task %}
    # A task calls no part of AWS; a statement more here is what your work needs.
    task = _make_task(stack, group, variables, [])
{% endblock %}

{% block registries %}
        service_registries=[
            ecs.CfnService.ServiceRegistryProperty(
                registry_arn=registry.service_arn,
                container_name=CONTAINER,
                container_port=PORT,
            ),
        ],
{% endblock %}

{% block task %}
{% with why_stop_timeout = "The longest there is; stack.py says how much of it a task that is told to stop takes.", has_volume = false, has_port = true %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}
{% endblock %}

{% block roles %}
{% with may_do_nothing = true %}
{% include "templates/_partials/container/image_and_roles.py" %}
{% endwith %}
{% endblock %}
