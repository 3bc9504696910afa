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

SERVICE = "depot-board"


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
    logging.getLogger("depot_board").setLevel(logging.INFO)


def add_to_every_line(**fields: object) -> None:
    """Add fields to every line that is logged from here on."""
    _lines.on_every_line |= fields


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

    def write(self, streams: int) -> None:
        """Write how many streams there are, and what was counted since the last time."""
        counted, delay = self._counted, self._delay
        self._counted, self._delay = Counter(), 0.0
        values: dict[str, object] = {"Streams": streams}
        values |= {name: counted[outcome] for outcome, name in _COUNTED.items() if counted[outcome]}
        if counted["sent"]:
            # Of all clients the one that is furthest behind.
            values["Delay"] = round(delay, 3)
        _write_metrics(self._environment, values)


_COUNTED = {"sent": "Events", "missed": "Missed", "refused": "Refused"}


def _write_metrics(environment: str, values: dict[str, object]) -> None:
    metrics = [{"Name": name, "Unit": "Seconds" if name == "Delay" else "Count"} for name in values]
    directive = {"Namespace": SERVICE, "Dimensions": [["service", "environment"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        "service": SERVICE,
        "environment": environment,
        **values,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()
