{% extends "templates/_partials/fargate-task/run_task.py" %}
{% block intro %}
"""Start a run now and follow it: the task that an event would start, its log, and its exit code."""
{% endblock %}
{% block target %}
    rules = boto3.client("events", region_name=REGION)
    rule = names["StartRuleArn"].rsplit("/", 1)[-1]
    [target] = rules.list_targets_by_rule(Rule=rule, EventBusName=names["EventBusName"])["Targets"]
{% endblock %}
