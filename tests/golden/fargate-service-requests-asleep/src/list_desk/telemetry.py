"""Logs and metrics: JSON on standard output, a line each, which ECS passes on to CloudWatch Logs as they are.

Metrics are lines too, in CloudWatch's embedded metric format: no agent, no call, nothing to lose in a kill.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import UTC, datetime

__all__ = ["Counts", "add_to_every_line", "start_logging"]

SERVICE = "list-desk"


class JsonLines(logging.Formatter):
    """Writes a log record as one line of JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.on_every_line: dict[str, object] = {"service": SERVICE}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **self.on_every_line,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


_lines = JsonLines()


def start_logging() -> None:
    """Log to standard output from here on; libraries only when something is wrong."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_lines)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("list_desk").setLevel(logging.INFO)


def add_to_every_line(**fields: object) -> None:
    """Add fields to every line that is logged from here on."""
    _lines.on_every_line |= fields


SERVER_ERROR = 500


class Counts:
    """What became of requests and how many are at work, written once a minute: CloudWatch makes metrics of the line."""

    def __init__(self, environment: str, *, every_seconds: int = 60) -> None:
        self._environment = environment
        self._every_seconds = every_seconds
        self._requests = self._errors = 0
        self._seconds: list[float] = []
        self._in_flight: list[int] = []
        self._busy_at = time.monotonic()
        self._is_ending = False

    def add(self, status: int, seconds: float) -> None:
        """Count a request that is answered."""
        self._requests += 1
        self._errors += status >= SERVER_ERROR
        self._seconds.append(round(seconds, 4))
        self._busy_at = time.monotonic()

    def end(self) -> None:
        """Say nothing about silence any more: the task ends."""
        self._is_ending = True

    def see(self, in_flight: int) -> None:
        """Take down how many requests are at work, as once a second, and write when a minute is full."""
        self._in_flight.append(in_flight)
        if in_flight:
            self._busy_at = time.monotonic()
        if len(self._in_flight) >= self._every_seconds:
            self.write()

    def write(self) -> None:
        """Write what was counted since the last time; that nothing was counted is worth a line too."""
        values: dict[str, object] = {"Requests": self._requests, "Errors": self._errors}
        if self._in_flight:
            values["InFlight"] = self._in_flight
        # For how long no request has been at work; a task that ends has nothing to say about that.
        values["Quiet"] = 0 if self._is_ending else round(time.monotonic() - self._busy_at)
        seconds = self._seconds
        self._requests = self._errors = 0
        self._seconds, self._in_flight = [], []
        # A line takes a hundred values of a metric.
        for begin in range(0, max(1, len(seconds)), 100):
            some = seconds[begin : begin + 100]
            _write_metrics(self._environment, {**values, "Seconds": some} if some else values)
            values = {}


def _write_metrics(environment: str, values: dict[str, object]) -> None:
    metrics = [{"Name": name, "Unit": "Seconds" if name in {"Quiet", "Seconds"} else "Count"} for name in values]
    directive = {"Namespace": SERVICE, "Dimensions": [["service", "environment"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        "service": SERVICE,
        "environment": environment,
        **values,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()
