{% extends "templates/_partials/container/telemetry.py" %}
{% block names %}"Counts", "add_to_every_line", "start_logging"{% endblock %}

{% block metrics %}
SERVER_ERROR = 500


class Counts:
    """What became of requests and how many are at work, written once a minute: CloudWatch makes metrics of the line."""

    def __init__(self, environment: str, *, every_seconds: int = 60) -> None:
        self._environment = environment
        self._every_seconds = every_seconds
        self._requests = self._errors = 0
        self._seconds: list[float] = []
        self._in_flight: list[int] = []
{% block made %}{% endblock %}

    def add(self, status: int, seconds: float) -> None:
        """Count a request that is answered."""
        self._requests += 1
        self._errors += status >= SERVER_ERROR
        self._seconds.append(round(seconds, 4))
{% block added %}{% endblock %}

    def see(self, in_flight: int) -> None:
        """Take down how many requests are at work, as once a second, and write when a minute is full."""
        self._in_flight.append(in_flight)
{% block seen %}{% endblock %}
        if len(self._in_flight) >= self._every_seconds:
            self.write()

    def write(self) -> None:
        """Write what was counted since the last time; that nothing was counted is worth a line too."""
        values: dict[str, object] = {"Requests": self._requests, "Errors": self._errors}
        if self._in_flight:
            values["InFlight"] = self._in_flight
{% block written %}{% endblock %}
        seconds = self._seconds
        self._requests = self._errors = 0
        self._seconds, self._in_flight = [], []
        # A line takes a hundred values of a metric.
        for begin in range(0, max(1, len(seconds)), 100):
            some = seconds[begin : begin + 100]
            _write_metrics(self._environment, {**values, "Seconds": some} if some else values)
            values = {}


def _write_metrics(environment: str, values: dict[str, object]) -> None:
    metrics = [{"Name": name, "Unit": "Seconds" if name {% block in_seconds %}== "Seconds"{% endblock %} else "Count"} for name in values]
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
