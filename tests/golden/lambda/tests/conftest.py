"""Every test sees the function's environment as template.yaml sets it."""

from __future__ import annotations

import os

os.environ.update(ENVIRONMENT="test", MAX_BODY_BYTES="65536", AWS_DEFAULT_REGION="us-east-1")
