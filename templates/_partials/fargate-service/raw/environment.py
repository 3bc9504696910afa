"""What infra/ tells the task, with values for tests."""

from __future__ import annotations

__all__ = ["VARIABLES"]

VARIABLES = {
    "ENVIRONMENT": "test",
    "PORT": "7000",
    "HEALTH_PORT": "8081",
    "CONNECTIONS_AT_MOST": "1200",
    "MESSAGE_BYTES_AT_MOST": "{{ 1200 if protocol == "udp" else 65536 }}",
    "AT_ONCE": "2",
    "SILENCE_SECONDS": "300",
    "DRAIN_SECONDS": "5",
}
