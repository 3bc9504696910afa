"""Logs and metrics: JSON on standard output, a line each, which ECS passes on to CloudWatch Logs as they are.

Metrics are lines too, in CloudWatch's embedded metric format: no agent, no call, nothing to lose in a kill.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime

__all__ = ["Counts", "add_to_every_line", "start_logging"]

SERVICE = "forecast-feed"


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
    logging.getLogger("forecast_feed").setLevel(logging.INFO)


def add_to_every_line(**fields: object) -> None:
    """Add fields to every line that is logged from here on."""
    _lines.on_every_line |= fields


class Counts:
    """What became of messages and of the connection, written once a minute: CloudWatch makes metrics of the line."""

    def __init__(self, environment: str) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()
        self._seconds: list[float] = []

    def add(self, outcome: str, seconds: float = 0) -> None:
        """Count a message that is settled, a try that failed, or a connection that ended."""
        with self._lock:
            self._counted[outcome] += 1
            if outcome == "done":
                self._seconds.append(round(seconds, 3))

    @property
    def so_far(self) -> Counter[str]:
        """Return what was counted since the last time."""
        with self._lock:
            return Counter(self._counted)

    def write(self, connected_percent: float | None = None, busy_percent: float | None = None) -> None:
        """Write what was counted since the last time; at the end, when no minute is full, nothing else."""
        with self._lock:
            counted, seconds = self._counted, self._seconds
            self._counted, self._seconds = Counter(), []
        values: dict[str, object] = {name: counted[outcome] for outcome, name in _COUNTED.items() if counted[outcome]}
        if connected_percent is not None and busy_percent is not None:
            values |= {"Connected": round(connected_percent, 1), "Busy": round(busy_percent, 1)}
        # A line takes a hundred values of a metric.
        for begin in range(0, len(seconds) or bool(values), 100):
            some = seconds[begin : begin + 100]
            _write_metrics(self._environment, {**values, "Seconds": some} if some else values)
            values = {}


_COUNTED = {
    "done": "Messages",
    "failed": "Failed",
    "given up": "GivenUp",
    "rejected": "Rejected",
    "disconnected": "Disconnections",
}
_UNITS = {"Connected": "Percent", "Busy": "Percent", "Seconds": "Seconds"}


def _write_metrics(environment: str, values: dict[str, object]) -> None:
    metrics = [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in values]
    directive = {"Namespace": SERVICE, "Dimensions": [["service", "environment"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        "service": SERVICE,
        "environment": environment,
        **values,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()
