"""What infra/ tells the task, with values for tests."""

from __future__ import annotations

__all__ = ["VARIABLES"]

VARIABLES = {
    "ENVIRONMENT": "test",
    "PORT": "8080",
{% block own %}
    "CONNECTIONS_AT_MOST": "1200",
    "MESSAGE_BYTES_AT_MOST": "65536",
    "AT_ONCE": "2",
    "DRAIN_SECONDS": "5",
{% endblock %}
}
