"""Says what would change the tier: what would bring an earlier one back, and what would need a later one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.advice import tier_beyond
from generator.limits import applies, is_broken
from generator.sentences import fill, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.policy_model import Limit, Policy

__all__ = ["reversal_of"]


def reversal_of(tier: str | None, values: Mapping[str, object], policy: Policy) -> tuple[str, ...]:
    """Return one sentence, without its full stop, for each other tier that a change would choose."""
    return (*_back(tier, values, policy), *_onwards(tier, values, policy))


def _back(tier: str | None, values: Mapping[str, object], policy: Policy) -> Iterator[str]:
    for earlier in policy.tiers:
        if earlier.name == tier:
            return
        broken = [
            limit
            for limit in policy.limits.values()
            if earlier.name in limit.tiers and is_broken(limit, values)
        ]
        # A tier that one of its limits excludes for good is no way back.
        if all(limit.relief for limit in broken):
            changes = " and ".join(_words(limit, limit.relief) for limit in broken)
            yield f"{earlier.label} would do if {changes}"


def _onwards(tier: str | None, values: Mapping[str, object], policy: Policy) -> Iterator[str]:
    changes: dict[str, list[str]] = {}
    for limit in policy.limits.values():
        if tier in limit.tiers and limit.change and applies(limit, values):
            following = tier_beyond(limit, values, policy)
            if following not in {None, tier}:
                changes.setdefault(str(following), []).append(_words(limit, limit.change))
    for later in policy.tiers:
        if later.name in changes:
            yield f"{later.label} would be needed if {', or if '.join(changes[later.name])}"


def _words(limit: Limit, sentence: str) -> str:
    return fill(sentence, {"bound": say(limit.value, limit.unit)}.get)
