"""Nothing bills while idle but what the decision record names with its price."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from infra.idle_cost import findings

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack


def test_nothing_bills_while_idle_but_what_the_record_names(stack: Stack, record: dict[str, Any]) -> None:
    allowed = {entry["type"]: entry["at_most"] for entry in record["idle_allowed"]}
    found = findings(stack)

    counted = Counter(finding.resource.type for finding in found if finding.certain)
    too_many = {kind for kind, count in counted.items() if count > allowed.get(kind, 0)}
    unexcused = [finding for finding in found if not finding.certain or finding.resource.type in too_many]

    assert not unexcused, "\n" + "\n".join(
        f"- {finding}" + _allowance(allowed.get(finding.resource.type, 0)) for finding in unexcused
    )


{% if tier == "fargate-service" %}
{% include "templates/_partials/infra_tests/alarms_of_services.py" %}
{% else %}
def test_no_poller_is_provisioned(stack: Stack, record: dict[str, Any]) -> None:
    """A queue's pollers ask while idle, which the record may allow; it never allows provisioned ones."""
    mappings = "AWS::Lambda::EventSourceMapping"
    allowed = any(entry["type"] == mappings for entry in record["idle_allowed"])

    provisioned = [mapping for mapping in stack.of_type(mappings) if "ProvisionedPollerConfig" in mapping.properties]

    assert not (allowed and provisioned), f"{provisioned[0]} has pollers that bill by the hour: remove them"


def test_an_alarm_costs_no_more_than_the_record_says(stack: Stack, record: dict[str, Any]) -> None:
    alarms = "AWS::CloudWatch::Alarm"
    allowed = {entry["type"]: entry["usd_per_month_each"] for entry in record["idle_allowed"]}.get(alarms, 0)

    dear = [alarm.logical_id for alarm in stack.of_type(alarms) if _alarm_usd_per_month(alarm) > allowed]

    assert not dear, f"these alarms cost more than ${allowed:.2f} a month each: {dear}; use one metric and 60 s or more"


def _alarm_usd_per_month(alarm: Resource) -> float:
    """Return $0.10 for each metric that the alarm evaluates, $0.30 if it does so more often than every minute."""
    metrics = len(alarm.properties.get("Metrics", ["the one named in MetricName"]))
    return metrics * (0.3 if alarm.properties.get("Period", 60) < 60 else 0.1)


{% endif %}
def _allowance(at_most: int) -> str:
    return f" (docs/adr/{{ record_file }} allows {at_most} of this type)" if at_most else ""
