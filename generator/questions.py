"""Tells which questions still matter, given the answers so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.completion import complete
from generator.conditions import holds
from generator.limits import first_tier
from generator.traffic import with_traffic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_model import Fact, Policy

__all__ = ["fact_is_asked"]


def fact_is_asked(
    fact: Fact, answers_so_far: Mapping[str, object], policy: Policy, *, expert: bool = False
) -> bool:
    """Tell whether the answer to a question can still matter.

    Args:
        fact: The question.
        answers_so_far: Typed answers by fact; unanswered questions are taken at the default they offer.
        policy: The policy in force.
        expert: Whether rarely needed questions are wanted.
    """
    if fact.expert and not expert:
        return False
    given = {name: value for name, value in answers_so_far.items() if value is not None}
    best_case = with_traffic(complete(given, policy, interview=True), policy)
    tier = first_tier(best_case, policy)
    verdict = next(
        (rule.verdict for rule in policy.scale_to_zero if rule.tier == tier and holds(rule.when, best_case)),
        "",
    )
    known = {**best_case, "tier": tier, "expert": expert, "policy_conflict": verdict == "conflict"}
    return holds(fact.asked_when, known)
