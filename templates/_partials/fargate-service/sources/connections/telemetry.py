{% extends "templates/_partials/container/telemetry.py" %}
{% block collections %}
from collections import Counter
{% endblock %}

{% block names %}"Counts", "add_to_every_line", "start_logging"{% endblock %}

{% block metrics %}
{% block counts %}
class Counts:
    """Open {% block what %}connections{% endblock %} and what became of messages, written once a minute: CloudWatch makes metrics of the line."""

    def __init__(self, environment: str) -> None:
        self._environment = environment
        self._counted: Counter[str] = Counter()
        self._seconds: list[float] = []

    def add(self, outcome: str, seconds: float = 0) -> None:
        """Count a message that is answered, or a client that is refused."""
        self._counted[outcome] += 1
        if outcome == "done":
            self._seconds.append(round(seconds, 4))

{% if decision.connections.minimum == 0 and has_load_balancer %}
    def write(self, {{ scaled_by }}: int, quiet_seconds: float) -> None:
        """Write how many {{ scaled_by }} there are, since when there is none, and what was counted since the last time."""
{% else %}
    def write(self, {{ scaled_by }}: int) -> None:
        """Write how many {{ scaled_by }} there are, and what was counted since the last time."""
{% endif %}
        counted, seconds = self._counted, self._seconds
        self._counted, self._seconds = Counter(), []
        values: dict[str, object] = {"{{ scaled_by | title }}": {{ scaled_by }}{{ ', "Quiet": round(quiet_seconds)' if decision.connections.minimum == 0 and has_load_balancer else "" }}}
        values |= {name: counted[outcome] for outcome, name in _COUNTED.items() if counted[outcome]}
        # A line takes a hundred values of a metric.
        for begin in range(0, max(1, len(seconds)), 100):
            some = seconds[begin : begin + 100]
            _write_metrics(self._environment, {**values, "Seconds": some} if some else values)
            values = {}


_COUNTED = {"done": "Messages", "rejected": "Rejected", "refused": "Refused"{% block more_counted %}{% endblock %}}
{% endblock %}


def _write_metrics(environment: str, values: dict[str, object]) -> None:
    metrics = [{"Name": name, "Unit": "Seconds" if name {% block in_seconds %}{{ 'in {"Quiet", "Seconds"}' if decision.connections.minimum == 0 and has_load_balancer else '== "Seconds"' }}{% endblock %} else "Count"} for name in values]
    directive = {"Namespace": SERVICE, "Dimensions": [["service", "environment"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        "service": SERVICE,
        "environment": environment,
        **values,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()
{% endblock %}
