{% extends "templates/_partials/fargate-service/compute.py" %}
{% block modules %}
from front import PORT
{% endblock %}

{% block container %}server{% endblock %}

{% block constants %}
ASK_WHETHER_ALIVE = (
    "import http.client, sys; asked = http.client.HTTPConnection('127.0.0.1', 8081, timeout=4); "
    "asked.request('GET', '/alive'); sys.exit(asked.getresponse().status != 200)"
)
{% endblock %}

{% block make_task %}
    # A task calls no part of AWS; a statement more here is what your work needs.
    task = _make_task(stack, group, variables, [])
{% endblock %}

{% block task %}
{% with why_stop_timeout = "The longest there is: " ~ ("what is in hand ends in it." if protocol == "udp" else "connections end in it, one after the other."), has_volume = false, has_port = true %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}
{% endblock %}

{% block roles %}
{% with may_do_nothing = true %}
{% include "templates/_partials/container/image_and_roles.py" %}
{% endwith %}
{% endblock %}
