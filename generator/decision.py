"""Decides the tier of a workload: the first one whose limits it keeps, with all that follows from that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from generator.advice import DecisionWarning, warnings_for
from generator.compliance import Conflict, ScaleToZero, conflicts_of, scaling_of
from generator.conditions import holds
from generator.connections import tasks_at_spike
from generator.cost import NO_COST, Cost, estimate
from generator.event_source import event_source_of, template_of
from generator.figures import Shape, cost_figures, figures_of
from generator.intake import intake_of
from generator.limits import Rejection, first_tier, rejections
from generator.reversal import reversal_of
from generator.sentences import fill, say
from generator.sizing import Size, size_on, size_wanted
from generator.traffic import traffic_of, with_traffic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Unpack

    from generator.batching import Batching
    from generator.connections import Connections
    from generator.event_source import EventSource
    from generator.policy_model import Policy, Variant
    from generator.prices import Prices
    from generator.serving import Serving
    from generator.subscription import Subscription
    from generator.workers import Workers
    from generator.workload import Workload

__all__ = ["Conflict", "Decision", "DecisionWarning", "Rejection", "ScaleToZero", "Size", "decide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The tier of a workload and everything that follows from it.

    Attributes:
        tier: The chosen tier; `None` when no tier holds the workload, which is then also a conflict.
        label: The tier as AWS writes it.
        variant: The shape within the tier, and in words as `variant_text`.
        event_source: What starts each run, of a function or a task; the name of its templates too.
        size: What one environment, task or instance gets; what was asked for when no tier holds it.
        reasons: Why the chosen tier holds, each a sentence without its capital and full stop.
        rejected: Every broken limit of every tier before the chosen one.
        not_needed: The tiers after the chosen one.
        assumptions: The facts that were not answered and stand at their default.
        policy_conflicts: What the policy refuses, waived or not.
        reversal: What would change the tier, one sentence each.
        batching: How the function takes messages, where a queue or a stream starts it.
        workers: How the tasks of a service take messages, where they work off a queue.
        connections: How the tasks of a service take connections, where they hold any.
        serving: How the tasks of a service take requests, where anything passes them on.
        subscription: How the tasks of a service take messages, where they hold a connection to others.
        tier_labels: Every tier of the policy, in order, with its label.
        data_version: The version of the policy.
        as_of: The day on which its data was checked.
    """

    tier: str | None
    label: str
    variant: str
    variant_text: str
    event_source: str
    size: Size
    reasons: tuple[str, ...]
    rejected: tuple[Rejection, ...]
    not_needed: tuple[str, ...]
    warnings: tuple[DecisionWarning, ...]
    scale_to_zero: ScaleToZero
    cost: Cost
    assumptions: tuple[str, ...]
    policy_conflicts: tuple[Conflict, ...]
    reversal: tuple[str, ...]
    peak_per_second: float
    peak_concurrency: int
    batching: Batching | None
    workers: Workers | None
    connections: Connections | None
    serving: Serving | None
    subscription: Subscription | None
    tier_labels: Mapping[str, str]
    workload: Workload
    data_version: str
    as_of: date

    @property
    def justification_missing(self) -> bool:
        """Whether the tier needs a justification that is not complete."""
        return any(conflict.id == "justification_missing" for conflict in self.policy_conflicts)

    @property
    def has_template(self) -> bool:
        """Whether a repository of this shape can be rendered."""
        return self.tier is not None and all(warning.id != "no_template" for warning in self.warnings)

    @property
    def exit_code(self) -> int:
        """0 when the policy agrees, 1 when it refuses and nobody waived that."""
        return 1 if any(not conflict.waived for conflict in self.policy_conflicts) else 0

    @property
    def obstacle(self) -> str:
        """Why no repository can be made of it; empty when one can."""
        if self.exit_code:
            return "; ".join(conflict.text for conflict in self.policy_conflicts if not conflict.waived)
        if self.has_template:
            return ""
        shape = f"{self.label} ({self.variant}) started by {self.event_source or self.workload.trigger}"
        return f"there is no template for {shape} yet; the decision stands"


class _Billed(TypedDict, total=False):
    """The project answers that event source and cost depend on, and what is said of them."""

    aws_region: str
    front: str
    stream_source: str
    orchestration: str


def decide(
    workload: Workload, policy: Policy, prices: Prices, templates: frozenset[str], **billed: Unpack[_Billed]
) -> Decision:
    """Choose the first tier that no limit rules out; say why, at what size and cost, with which warnings.

    Cost, cold start, quotas and preference never change the tier. Equal arguments give equal decisions.
    `templates` names what can be rendered, such as `lambda/http`.
    """
    values = {**with_traffic(workload.values(), policy), **billed}
    tier = first_tier(values, policy)
    scaling, traffic = scaling_of(tier, values, policy), traffic_of(values, policy)
    if tier is None:
        variant, source, size, cost = None, None, size_wanted(workload), NO_COST
    else:
        variant = _variant(tier, values, policy)
        sizes = _sizes(workload, values, policy)
        values["tasks_at_spike"] = tasks_at_spike(workload, sizes[tier], traffic, policy)
        source = event_source_of(tier, {**values, "variant": variant.name}, policy)
        size, cost = sizes[tier], estimate(workload, sizes, tier, variant.name, policy, prices, **billed)
        shape = Shape(tier=tier, variant=variant.name, event_source=_name(source), size=size, scaling=scaling)
        values |= {
            **figures_of(shape, workload, traffic, policy),
            **_cost_figures(shape, workload, cost, policy, prices, **billed),
            **_template(tier, source, templates),
        }
    return Decision(
        tier=tier,
        label=policy.tier(tier).label if tier else "",
        variant=variant.name if variant else "",
        variant_text=variant.text if variant else "",
        event_source=_name(source),
        size=size,
        reasons=_reasons(tier, values, policy),
        rejected=_rejected(tier, values, policy),
        not_needed=_after(tier, policy),
        warnings=warnings_for(workload, values, policy) if tier else (),
        scale_to_zero=scaling,
        cost=cost,
        assumptions=_assumptions(workload, values, policy),
        policy_conflicts=conflicts_of(tier, scaling, workload, policy),
        reversal=reversal_of(tier, values, policy),
        peak_per_second=traffic.peak_per_second,
        peak_concurrency=traffic.peak_concurrency,
        **intake_of((tier, _name(source)), workload, size, scaling, traffic, policy),
        tier_labels={known.name: known.label for known in policy.tiers},
        workload=workload,
        data_version=policy.version,
        as_of=policy.as_of,
    )


def _variant(tier: str, values: Mapping[str, object], policy: Policy) -> Variant:
    return next(row for row in policy.variants if row.tier == tier and holds(row.when, values))


def _name(source: EventSource | None) -> str:
    return source.name if source else ""


def _template(tier: str, source: EventSource | None, templates: frozenset[str]) -> dict[str, object]:
    """Return whether a repository can be rendered, and what the policy says where none can."""
    return {
        "has_template": template_of(tier, source) in templates,
        "without_template": (source and source.without_template) or None,
    }


def _sizes(workload: Workload, values: Mapping[str, object], policy: Policy) -> dict[str, Size]:
    """Return the size on every tier that no limit rules out, in the order of the policy."""
    holding = [tier.name for tier in policy.tiers if not rejections(tier.name, values, policy)]
    return {tier: size_on(tier, workload, policy, lambda_holds="lambda" in holding) for tier in holding}


def _cost_figures(
    shape: Shape, workload: Workload, cost: Cost, policy: Policy, prices: Prices, **billed: Unpack[_Billed]
) -> dict[str, object]:
    """Return the figures of cost, and what a Fargate size costs beyond the size that was asked for."""
    figures, charged = cost_figures(shape, cost, policy, prices), cost.of(shape.tier)
    if charged is None or not shape.tier.startswith("fargate"):
        return dict(figures)
    wanted = {shape.tier: size_wanted(workload, at_most=shape.size)}
    exact = estimate(workload, wanted, shape.tier, shape.variant, policy, prices, **billed).of(shape.tier)
    waste = max(0.0, charged.usd_per_month - exact.usd_per_month) if exact else None
    return {**figures, "waste_cost_usd": waste}


def _assumptions(workload: Workload, values: Mapping[str, object], policy: Policy) -> tuple[str, ...]:
    return tuple(name for name in workload.assumptions if holds(policy.facts[name].told_when, values))


def _reasons(tier: str | None, values: Mapping[str, object], policy: Policy) -> tuple[str, ...]:
    def word_for(name: str) -> str:
        return say(values.get(name), policy.unit_of(name))

    return tuple(
        fill(reason.text, word_for)
        for reason in policy.reasons
        if reason.tier == tier and holds(reason.when, values)
    )


def _rejected(tier: str | None, values: Mapping[str, object], policy: Policy) -> tuple[Rejection, ...]:
    names = [known.name for known in policy.tiers]
    before = names if tier is None else names[: names.index(tier)]
    return tuple(rejection for name in before for rejection in rejections(name, values, policy))


def _after(tier: str | None, policy: Policy) -> tuple[str, ...]:
    names = [known.name for known in policy.tiers]
    return () if tier is None else tuple(names[names.index(tier) + 1 :])
