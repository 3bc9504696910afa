"""The decision as a rendered repository keeps it, and in the one sentence that its documents open with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.amounts import dollars
from generator.chart import COLOURS, marks, polyline
from generator.explain.contract import plain_mapping
from generator.intake import Intake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from generator.cost import CostPart, TierCost
    from generator.decision import Decision

__all__ = ["record", "sentence"]


def sentence(decision: Decision) -> str:
    """Return the tier, the first reason for it, and what it costs while idle."""
    if decision.tier is None:
        return "No tier fits this workload as it stands; split the work."
    return (
        f"Its compute tier is {decision.label}, because {decision.reasons[0]}, and {_idle_words(decision)}."
    )


def _idle_words(decision: Decision) -> str:
    cost = decision.cost.of(decision.tier or "")
    if cost is None:
        return "nobody knows what it costs while idle"
    return f"it costs {dollars(cost.idle_usd_per_month)} a month while idle"


def record(decision: Decision, *, decided_on: date) -> dict[str, object]:
    """Return the `decision` answer of a rendered repository: plain values only.

    Args:
        decision: A decision that chose a tier.
        decided_on: The day that the record shows.
    """
    return plain_mapping(
        {
            "sentence": sentence(decision),
            "policy_version": decision.data_version,
            "prices_as_of": decision.cost.prices_as_of,
            "decided_on": decided_on,
            "size": _picked(
                decision.size, "memory_mib", "timeout_seconds", "vcpu", "ephemeral_gib", "architecture"
            ),
            "peak_per_second": decision.peak_per_second,
            "peak_concurrency": decision.peak_concurrency,
            **_intake(decision),
            **_task(decision),
            "reasons": decision.reasons,
            "rejected": [
                _picked(rejection, "tier", "limit", "text", "source") for rejection in decision.rejected
            ],
            "not_needed": decision.not_needed,
            "warnings": [_picked(warning, "id", "severity", "text") for warning in decision.warnings],
            "assumptions": decision.assumptions,
            "reversal": decision.reversal,
            "scale_to_zero": _picked(decision.scale_to_zero, "verdict", "mechanism", "min_capacity"),
            "cost": [_cost(cost, decision) for cost in decision.cost.by_tier],
            "crossover": decision.cost.crossover.text,
            "cost_curve": [_curve(cost.tier, decision) for cost in decision.cost.by_tier],
            "cost_marks": [{"text": text, "x": x} for text, x in marks(decision.cost)],
            "idle_allowed": list(_idle_allowed(decision.cost.of(decision.tier or ""))),
        }
    )


def _intake(decision: Decision) -> dict[str, object]:
    """Return how work is taken, under the name of the way that it is."""
    taken = {name: getattr(decision, name) for name in Intake.__annotations__}
    return {name: _picked(way, *way.__slots__) for name, way in taken.items() if way}


def _task(decision: Decision) -> dict[str, object]:
    """Return what only a task needs to know: whether Spot may take it, and the disk beside it."""
    if decision.tier != "fargate-task":
        return {}
    interruptible = decision.workload.interruptible
    return {"task": {"interruptible": interruptible, "volume_gib": decision.size.volume_gib}}


def _picked(value: object, *names: str) -> dict[str, object]:
    return {name: getattr(value, name) for name in names}


def _curve(tier: str, decision: Decision) -> dict[str, object]:
    return {
        "label": decision.tier_labels[tier],
        "tier": tier,
        "colour": COLOURS[tier],
        "points": polyline(decision.cost, tier),
    }


def _cost(cost: TierCost, decision: Decision) -> dict[str, object]:
    return {
        "tier": cost.tier,
        "label": decision.tier_labels[cost.tier],
        "usd_per_month": _cents(cost.usd_per_month),
        "usd_per_month_at_ten_times": _cents(cost.usd_per_month_at_ten_times),
        "idle_usd_per_month": _cents(cost.idle_usd_per_month),
    }


def _idle_allowed(cost: TierCost | None) -> Iterator[dict[str, object]]:
    """Yield what may bill while nothing happens, by CloudFormation type."""
    for part in cost.parts if cost else ():
        if part.idle and part.resource_type:
            yield {
                "type": part.resource_type,
                "at_most": part.count,
                "usd_per_month_each": _each(part),
                "why": part.name,
            }


def _each(part: CostPart) -> float:
    """Return what each resource bills: in cents, or as exactly as it takes for all to make up the amount."""
    each = part.usd_per_month / part.count
    adds_up = round(_cents(each) * part.count, 2) == round(part.usd_per_month, 2)
    return _cents(each) if adds_up else round(each, 4)


def _cents(usd: float) -> float:
    """Return an amount in cents; below one cent with four decimals, so that it does not read as free."""
    return round(usd, 2 if round(usd, 2) else 4)
