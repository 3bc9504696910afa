{% extends "templates/_partials/container/network.py" %}
{% block intro %}
"""Where tasks start: a VPC of the stack's own that bills nothing, or one that is there already; front.py lets clients in."""
{% endblock %}

{% block which_subnets %}. The way out of them
            is an internet gateway, because clients {{ "send" if protocol == "udp" else "connect" }} to a task's own address{% endblock %}
{% block are_public %}{% endblock %}
{% block unless_private %}{% endblock %}

{% block who_connects %}one port of the tasks alone {{ "is open" if protocol == "udp" else "accepts a connection" }}{% endblock %}

{% block group %}
    # Clients {{ "send" if protocol == "udp" else "connect" }} to one port of a task (front.py); it may call AWS. What else it has to reach, such as a database, is
    # one rule more.
{% endblock %}

{% block description %}Out by HTTPS, in by the port of the service.{% endblock %}
