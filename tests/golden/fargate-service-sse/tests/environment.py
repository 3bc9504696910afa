"""What infra/ tells the task, with values for tests."""

from __future__ import annotations

__all__ = ["VARIABLES"]

VARIABLES = {
    "ENVIRONMENT": "test",
    "PORT": "8080",
    "STREAMS_AT_MOST": "1200",
    "DRAIN_SECONDS": "5",
}
