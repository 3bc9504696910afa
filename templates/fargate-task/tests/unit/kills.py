"""What happens to a task in the tests here."""

from __future__ import annotations

__all__ = ["KilledError"]


class KilledError(BaseException):
    """The task was killed at this moment: nothing that it still wanted to do is done."""
