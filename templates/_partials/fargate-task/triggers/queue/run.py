{% extends "templates/_partials/fargate-task/submit.py" %}
{% block intro %}
"""Start a run and follow it: the job that a message would be is submitted, its log is shown, its end the exit code."""
{% endblock %}
