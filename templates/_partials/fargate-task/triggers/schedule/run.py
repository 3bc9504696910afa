{% extends "templates/_partials/fargate-task/run_task.py" %}
{% block intro %}
"""Start a run now and follow it: the task that the schedule would start, its log, and its exit code."""
{% endblock %}
{% block target %}
    target = boto3.client("scheduler", region_name=REGION).get_schedule(Name=names["ScheduleName"])["Target"]
{% endblock %}
