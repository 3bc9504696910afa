"""Every test sees the function's environment as template.yaml sets it, and what Lambda adds."""

from __future__ import annotations

import os

from environment import LAMBDA, VARIABLES

os.environ.update(LAMBDA | VARIABLES)
