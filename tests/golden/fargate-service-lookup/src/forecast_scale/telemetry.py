"""Logs and metrics: JSON on standard output, a line each, which ECS passes on to CloudWatch Logs as they are.

Metrics are lines too, in CloudWatch's embedded metric format: no agent, no call, nothing to lose in a kill.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections import Counter
from datetime import UTC, datetime

__all__ = ["Counts", "add_to_every_line", "start_logging"]

SERVICE = "forecast-scale"


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
    logging.getLogger("forecast_scale").setLevel(logging.INFO)


def add_to_every_line(**fields: object) -> None:
    """Add fields to every line that is logged from here on."""
    _lines.on_every_line |= fields


class Counts:
    """Open connections and what became of messages, written once a minute: CloudWatch makes metrics of the line."""

    def __init__(self, environment: str) -> None:
        self._environment = environment
        self._counted: Counter[str] = Counter()
        self._seconds: list[float] = []

    def add(self, outcome: str, seconds: float = 0) -> None:
        """Count a message that is answered, or a client that is refused."""
        self._counted[outcome] += 1
        if outcome == "done":
            self._seconds.append(round(seconds, 4))

    def write(self, connections: int) -> None:
        """Write how many connections there are, and what was counted since the last time."""
        counted, seconds = self._counted, self._seconds
        self._counted, self._seconds = Counter(), []
        values: dict[str, object] = {"Connections": connections}
        values |= {name: counted[outcome] for outcome, name in _COUNTED.items() if counted[outcome]}
        # A line takes a hundred values of a metric.
        for begin in range(0, max(1, len(seconds)), 100):
            some = seconds[begin : begin + 100]
            _write_metrics(self._environment, {**values, "Seconds": some} if some else values)
            values = {}


_COUNTED = {"done": "Messages", "rejected": "Rejected", "refused": "Refused"}


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
