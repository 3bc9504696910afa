"""What infra/ tells the task, with values for tests."""

from __future__ import annotations

__all__ = ["VARIABLES"]

VARIABLES = {
    "ENVIRONMENT": "test",
    "CHECKPOINTS": "checkpoints",
    "CHECKPOINT_SECONDS": "3600",
    "RUN_SECONDS_AT_MOST": "60",
    "RUN_ID": "run-1",
    "AWS_BATCH_JOB_ARRAY_INDEX": "1",
    "AWS_BATCH_JOB_ARRAY_SIZE": "4",
    "SEED": "7",
    "PARCELS": "400",
}
