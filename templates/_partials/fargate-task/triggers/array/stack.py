{% extends "templates/_partials/fargate-task/stack.py" %}
{% block constants %}
# What a run is asked for where its start does not say it; settings.py reads the same names.
ORDER = {"SEED": "7", "PARCELS": "20000000"}
# Batch takes 2 to 10,000 in an array.
ITEMS = {{ items_per_run | int }}
{% endblock %}
{% block deployment_attributes %}
        tasks_at_once: How many items there may be at work, of all runs together; the others wait for their turn.
{% endblock %}
{% block deployment_fields %}
    tasks_at_once: int = {{ tasks_at_once }}
{% endblock %}
{% block start %}
        cdk.CfnOutput(self, "ItemsPerRun", description="The size of an array.", value=str(ITEMS))
{% endblock %}
