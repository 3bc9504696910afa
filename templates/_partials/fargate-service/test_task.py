{% extends "templates/_partials/container/test_task.py" %}
{% block intro %}
"""The task is as small and as closed as the decision record says."""
{% endblock %}

{% block volume %}
    [scratch] = task.properties["Volumes"]
{% endblock %}

{% block volume_size %}
    assert not scratch.get("ConfiguredAtLaunch", False)
{% endblock %}
