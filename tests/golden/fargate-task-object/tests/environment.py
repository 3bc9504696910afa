"""What infra/ tells the task, with values for tests."""

from __future__ import annotations

__all__ = ["VARIABLES"]

VARIABLES = {
    "ENVIRONMENT": "test",
    "CHECKPOINTS": "checkpoints",
    "CHECKPOINT_SECONDS": "3600",
    "RUN_SECONDS_AT_MOST": "60",
    "RUN_ID": "run-1",
    "OBJECTS": "objects",
    "OBJECT_KEY": "2026 a+b/100%25/M\u00fcnchen \U0001f4e6.jsonl",
    "OBJECT_BYTES": "4000",
}
