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


def test_alarms_cost_no_more_than_the_record_says(stack: Stack, record: dict[str, Any]) -> None:
    alarms = "AWS::CloudWatch::Alarm"
    [allowed] = [entry for entry in record["idle_allowed"] if entry["type"] == alarms]
    most = allowed["at_most"] * allowed["usd_per_month_each"]

    cost = sum(_alarm_usd_per_month(alarm) for alarm in stack.of_type(alarms))

    assert round(cost, 2) <= round(most, 2), f"the alarms cost ${cost:.2f} a month, more than ${most:.2f}"


def _alarm_usd_per_month(alarm: Resource) -> float:
    """Return $0.10 for each metric that the alarm evaluates, $0.30 if it does so more often than every minute."""
    metrics = [metric for metric in alarm.properties.get("Metrics", [{"MetricStat": {}}]) if "MetricStat" in metric]
    periods = [metric["MetricStat"].get("Period", alarm.properties.get("Period", 60)) for metric in metrics]
    return sum(0.3 if period < 60 else 0.1 for period in periods)


def _allowance(at_most: int) -> str:
    return f" (docs/adr/0001-compute-tier.md allows {at_most} of this type)" if at_most else ""
