"""Every test sees credentials that open nothing, and a region."""

from __future__ import annotations

import os

for _name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
    os.environ[_name] = "test"
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
