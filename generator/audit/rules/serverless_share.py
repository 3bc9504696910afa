"""The share of a fleet that is on Lambda and Fargate; one repository alone has none to answer for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Rule
    from generator.audit.fleet import Share

__all__ = ["messages"]


def messages(share: Share, goal_percent: float, rule: Rule) -> Iterator[str]:
    """Yield what to say when the goal is missed, however the unknown units are counted."""
    best = share.percent_if_managed
    if best is not None and best < goal_percent:
        yield rule.message.format(percent=best, goal=goal_percent)
