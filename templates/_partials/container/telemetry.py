"""Logs and metrics: JSON on standard output, a line each, which ECS passes on to CloudWatch Logs as they are.

Metrics are lines too, in CloudWatch's embedded metric format: no agent, no call, nothing to lose in a kill.
"""

from __future__ import annotations

import json
import logging
import sys
{% block threading %}{% endblock %}
import time
{% block collections %}{% endblock %}
from datetime import UTC, datetime

__all__ = [{% block names %}{% endblock %}]

SERVICE = "{{ project_name }}"


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
    logging.getLogger("{{ package_name }}").setLevel(logging.INFO)


def add_to_every_line(**fields: object) -> None:
    """Add fields to every line that is logged from here on."""
    _lines.on_every_line |= fields


{% block metrics %}{% endblock %}
