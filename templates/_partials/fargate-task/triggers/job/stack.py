{% extends "templates/_partials/fargate-task/stack.py" %}
{% block imports %}
from workflow import given, make_workflow
{% endblock %}
{% block constants %}
# What a run is asked for where its start does not say it; settings.py reads the same names.
ORDER = {"SEED": "7", "PARCELS": "20000000"}
{% endblock %}
{% block start %}
        run = {
            # A run that is started again under its id goes on where it was; without one each start is a run of its own.
            "RUN_ID": given("run_id", "$states.context.Execution.Name"),
            "SEED": given("seed", ORDER["SEED"]),
            "PARCELS": given("parcels", ORDER["PARCELS"]),
        }
        make_workflow(self, compute, letters, run)
{% endblock %}
