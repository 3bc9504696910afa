{% extends "templates/_partials/fargate-task/stack.py" %}
{% block constants %}
# What a run is asked for that somebody starts by hand; messages say it themselves. settings.py reads the same names.
ORDER = {"SEED": "7", "PARCELS": "20000000"}
{% endblock %}
{% block deployment_attributes %}
        tasks_at_once: How many runs there may be at once; messages wait for their turn.
{% endblock %}
{% block deployment_fields %}
    tasks_at_once: int = {{ tasks_at_once }}
{% endblock %}
{% block start %}
        # A message that comes twice is one run, which is done once.
        told = {"RUN_ID": "$.messageId", "SEED": "$.body.seed", "PARCELS": "$.body.parcels"}
        make_messages(self, compute, letters, told)
{% endblock %}
