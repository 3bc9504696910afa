{% extends "templates/_partials/container/network.py" %}
{% block intro %}
"""Where tasks start: a VPC of the stack's own that bills nothing, or one that is there already; front.py connects to them."""
{% endblock %}

{% block who_connects %}only the VPC link of the API connects to anything in this VPC{% endblock %}

{% block group %}
    # Only the VPC link may connect to a task (front.py); it may call AWS. What else it has to reach, such as a database,
    # is one rule more.
{% endblock %}

{% block description %}Out by HTTPS, in from the VPC link.{% endblock %}
