{% extends "templates/_partials/container/telemetry.py" %}
{% block names %}"add_to_every_line", "start_logging", "write_metrics"{% endblock %}

{% block metrics %}
def write_metrics(*, environment: str, duration_seconds: float, items: int, failures: int) -> None:
    """Write what the task did, as a line from which CloudWatch makes metrics."""
    metrics = [
        {"Name": "Duration", "Unit": "Seconds"},
        {"Name": "Items", "Unit": "Count"},
        {"Name": "Failures", "Unit": "Count"},
    ]
    directive = {"Namespace": SERVICE, "Dimensions": [["service", "environment"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        "service": SERVICE,
        "environment": environment,
        "Duration": round(duration_seconds, 3),
        "Items": items,
        "Failures": failures,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()
{% endblock %}
