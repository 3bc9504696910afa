{% extends "templates/_partials/fargate-service/sources/connections/telemetry.py" %}
{% block counts %}
class Counts:
    """Open streams and what became of events, written once a minute: CloudWatch makes metrics of the line."""

    def __init__(self, environment: str) -> None:
        self._environment = environment
        self._counted: Counter[str] = Counter()
        self._delay = 0.0

    def add(self, outcome: str) -> None:
        """Count a stream that is refused, or one whose client missed events."""
        self._counted[outcome] += 1

    def sent(self, delay: float) -> None:
        """Count an event that a client was sent so many seconds after it was made."""
        self._counted["sent"] += 1
        self._delay = max(self._delay, delay)

{% if decision.scale_to_zero.min_capacity == 0 %}
    def write(self, streams: int, quiet_seconds: float) -> None:
        """Write how many streams there are, since when there is none, and what was counted since the last time."""
{% else %}
    def write(self, streams: int) -> None:
        """Write how many streams there are, and what was counted since the last time."""
{% endif %}
        counted, delay = self._counted, self._delay
        self._counted, self._delay = Counter(), 0.0
        values: dict[str, object] = {"Streams": streams{{ ', "Quiet": round(quiet_seconds)' if decision.scale_to_zero.min_capacity == 0 else "" }}}
        values |= {name: counted[outcome] for outcome, name in _COUNTED.items() if counted[outcome]}
        if counted["sent"]:
            # Of all clients the one that is furthest behind.
            values["Delay"] = round(delay, 3)
        _write_metrics(self._environment, values)


_COUNTED = {"sent": "Events", "missed": "Missed", "refused": "Refused"}
{% endblock %}

{% block in_seconds %}{{ 'in {"Delay", "Quiet"}' if decision.scale_to_zero.min_capacity == 0 else '== "Delay"' }}{% endblock %}
