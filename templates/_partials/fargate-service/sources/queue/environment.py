"""What infra/ tells the task, with values for tests."""

from __future__ import annotations

__all__ = ["VARIABLES"]

VARIABLES = {
    "ENVIRONMENT": "test",
    "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/messages",
    "RESULTS_TABLE": "results",
    "RESULTS_SECONDS": "3600",
    "AT_ONCE": "2",
    "HIDDEN_SECONDS": "120",
    "MESSAGE_SECONDS_AT_MOST": "600",
    "DRAIN_SECONDS": "5",
}
