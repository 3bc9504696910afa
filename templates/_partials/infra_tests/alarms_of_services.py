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


