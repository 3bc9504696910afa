"""Judges a decision by the policy's demands: scale to zero, justification, and what waives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.conditions import holds
from generator.sentences import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_model import Policy
    from generator.workload import Workload

__all__ = ["Conflict", "ScaleToZero", "conflicts_of", "scaling_of"]

_JUSTIFICATION = ("justification_text", "justification_owner", "justification_review_date")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleToZero:
    """Whether a workload runs nothing while nobody needs it.

    Attributes:
        verdict: `always`, `required`, `possible`, `partly`, `not-wanted`, `conflict`; `none` without a tier.
        mechanism: What starts the first task or instance.
        min_capacity: Tasks or instances that always run.
        text: One sentence without its full stop.
    """

    verdict: str
    mechanism: str
    min_capacity: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Something the policy refuses.

    Attributes:
        id: `no_tier_fits`, `justification_missing` or `scale_to_zero`.
        text: One sentence without its full stop.
        waived: Whether a person answers for it, with a reason and a date of review.
    """

    id: str
    text: str
    waived: bool


def scaling_of(tier: str | None, values: Mapping[str, object], policy: Policy) -> ScaleToZero:
    """Return the scale-to-zero verdict for a tier."""
    for rule in policy.scale_to_zero:
        if rule.tier == tier and holds(rule.when, values):
            return ScaleToZero(
                verdict=rule.verdict, mechanism=rule.mechanism, min_capacity=rule.min_capacity, text=rule.text
            )
    return ScaleToZero(
        verdict="none", mechanism="none", min_capacity=0, text=policy.conflicts["no_tier_fits"]
    )


def conflicts_of(
    tier: str | None, scaling: ScaleToZero, workload: Workload, policy: Policy
) -> tuple[Conflict, ...]:
    """Return everything that the policy refuses about a decision."""
    missing = [fact for fact in _JUSTIFICATION if getattr(workload, fact) is None]
    found = {
        "no_tier_fits": tier is None,
        "justification_missing": tier == "ec2" and bool(missing),
        "scale_to_zero": scaling.verdict == "conflict",
    }
    words = {"missing": ", ".join(missing), "scale_to_zero_text": scaling.text}
    return tuple(
        Conflict(
            id=name,
            text=fill(policy.conflicts[name], words.get),
            waived=name == "scale_to_zero" and not missing,
        )
        for name, is_in_conflict in found.items()
        if is_in_conflict
    )
