"""Every test sees the function's environment as infra/stack.py sets it."""

from __future__ import annotations

import os

from environment import VARIABLES

os.environ.update(VARIABLES, AWS_DEFAULT_REGION="us-east-1")
