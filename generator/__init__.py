"""Start AWS backend services on the right compute, and keep them there."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
