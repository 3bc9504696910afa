{% extends "templates/_partials/container/network.py" %}
{% block intro %}
"""Where tasks start: a VPC of the stack's own that bills nothing, or one that is there already; front.py connects to them."""
{% endblock %}

{% block who_connects %}only the load balancer in this VPC accepts a connection from outside{% endblock %}

{% block group %}
    # Only the load balancer may connect to a task (front.py); it may call AWS. What else it has to reach, such as a
    # database, is one rule more.
{% endblock %}

{% block description %}Out by HTTPS, in from the load balancer.{% endblock %}
