{% extends "templates/_partials/fargate-task/stack.py" %}
{% block imports %}
from rule import Events, keep, start
{% if decision.task.interruptible %}
from starts import start_again_undisturbed
{% endif %}
{% endblock %}
{% block typing %}
    from collections.abc import Mapping

{% endblock %}
{% block constants %}
# What a run is asked for that somebody starts by hand; events say it themselves. settings.py reads the same names.
ORDER = {"SEED": "7", "PARCELS": "20000000"}
IS_NUMBER = [{"numeric": [">", 0]}]
# All that is not: it would reach the task as it stands, or not at all.
IS_NO_NUMBER = [{"exists": False}, {"numeric": ["<=", 0]}, {"wildcard": "*"}, True, False]
{% endblock %}
{% block deployment_attributes %}
        event_bus_name: The bus of this account whose events start runs; it must exist.
{% endblock %}
{% block deployment_fields %}
    event_bus_name: str = "default"
{% endblock %}
{% block start %}
        # An event that comes twice names one run, which is done once.
        told = {"RUN_ID": "$.id", "SEED": "$.detail.seed", "PARCELS": "$.detail.parcels"}
        numbers = {"seed": IS_NUMBER, "parcels": IS_NUMBER}
        start(self, compute, letters, ordered(numbers, deployment), told)
        keep(self, letters, ordered({"$or": [{"seed": IS_NO_NUMBER}, {"parcels": IS_NO_NUMBER}]}, deployment))
{% if decision.task.interruptible %}
        start_again_undisturbed(self, compute, letters)
{% endif %}
        cdk.CfnOutput(
            self,
            "EventBusName",
            description="Where events are put; a sender needs events:PutEvents on this bus.",
            value=deployment.event_bus_name,
        )
{% endblock %}
{% block functions %}


def ordered(detail: Mapping[str, object], deployment: Deployment) -> Events:
    """Return the orders whose detail matches; a change of what a field means is another detail type."""
    pattern = {"source": ["acme.planning"], "detail-type": ["ForecastOrdered"], "detail": detail}
    return Events(pattern=pattern, bus=deployment.event_bus_name)
{% endblock %}
