{% extends "templates/_partials/container/telemetry.py" %}
{% block threading %}
import threading
{% endblock %}

{% block collections %}
from collections import Counter
{% endblock %}

{% block names %}"Counts", "add_to_every_line", "start_logging"{% endblock %}

{% block metrics %}
class Counts:
    """What became of messages, written once a minute: CloudWatch makes metrics of the line."""

    def __init__(self, environment: str, *, every_seconds: float = 60) -> None:
        self._environment = environment
        self._every_seconds = every_seconds
        self._written_at = time.monotonic()
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()
        self._seconds: list[float] = []

    def add(self, outcome: str, seconds: float) -> None:
        """Count a message that is not in hand any more."""
        with self._lock:
            self._counted[outcome] += 1
            if outcome == "done":
                self._seconds.append(round(seconds, 3))

    def write_when_due(self) -> None:
        """Write what was counted, when the last time is a while ago."""
        if time.monotonic() - self._written_at >= self._every_seconds:
            self.write()

    def write(self) -> None:
        """Write what was counted since the last time; nothing when nothing was."""
        with self._lock:
            counted, seconds = self._counted, self._seconds
            self._counted, self._seconds = Counter(), []
        self._written_at = time.monotonic()
        if not counted:
            return
        values: dict[str, object] = {name: counted[outcome] for outcome, name in _COUNTED.items()}
        # A line takes a hundred values of a metric.
        for begin in range(0, max(1, len(seconds)), 100):
            some = seconds[begin : begin + 100]
            _write_metrics(self._environment, {**values, "Seconds": some} if some else values)
            values = {}


_COUNTED = {"done": "Done", "failed": "Failed", "rejected": "Rejected"}


def _write_metrics(environment: str, values: dict[str, object]) -> None:
    metrics = [{"Name": name, "Unit": "Seconds" if name == "Seconds" else "Count"} for name in values]
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
