{% extends "templates/_partials/fargate-task/stack.py" %}
{% block imports %}
from schedule import make_schedule
{% if decision.task.interruptible %}
from starts import start_again_undisturbed
{% endif %}
{% endblock %}
{% block constants %}
# What every run is asked for; settings.py reads the same names.
ORDER = {"SEED": "7", "PARCELS": "20000000"}
{% endblock %}
{% block deployment_attributes %}
        schedule: When a run is due, as EventBridge Scheduler writes it.
        time_zone: Where that time is read, if it is a `cron(...)`.
        is_scheduled: Whether the clock starts anything at all.
{% endblock %}
{% block deployment_fields %}
    schedule: str = "{{ schedule_expression }}"
    time_zone: str = "UTC"
    is_scheduled: bool = True
{% endblock %}
{% block start %}
        make_schedule(self, compute, letters, deployment)
{% if decision.task.interruptible %}
        start_again_undisturbed(self, compute, letters)
{% endif %}
{% endblock %}
