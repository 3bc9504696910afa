"""What infra/ tells the task, with values for tests."""

from __future__ import annotations

__all__ = ["VARIABLES"]

VARIABLES = {
    "ENVIRONMENT": "test",
    "PORT": "8080",
    "AT_ONCE": "2",
    "TAKEN_AT_MOST": "4",
    "MAX_BODY_BYTES": "65536",
    "SECONDS_AT_MOST": "29",
{% block last %}
    "LINGER_SECONDS": "1",
{% endblock %}
}
