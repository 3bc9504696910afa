"""What infra/ tells the task, with values for tests."""

from __future__ import annotations

__all__ = ["VARIABLES"]

VARIABLES = {
    "ENVIRONMENT": "test",
    "FEED_URL": "ws://127.0.0.1:9/feed",
    "RESULTS_TABLE": "results",
    "RESULTS_SECONDS": "3600",
    "POSITIONS_TABLE": "positions",
    "DEAD_LETTERS_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters.fifo",
    "AT_ONCE": "2",
    "HELD_AT_MOST": "100",
    "MESSAGE_BYTES_AT_MOST": "65536",
    "MESSAGE_SECONDS_AT_MOST": "600",
    "SILENCE_SECONDS": "300",
    "DRAIN_SECONDS": "5",
    "HEALTH_PORT": "8081",
}
