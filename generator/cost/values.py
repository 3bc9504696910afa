"""The values that a cost estimate consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.cost.assumptions import CostAssumptions
    from generator.prices import Prices

__all__ = ["NO_COST", "Basis", "Cost", "CostPart", "Crossover", "CurvePoint", "TierCost", "UnpricedTier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What every formula stands on: prices from the price data, assumptions from the policy."""

    prices: Prices
    assumptions: CostAssumptions

    @property
    def hours(self) -> float:
        """Return the hours of a month."""
        return self.assumptions.hours_per_month

    @property
    def seconds(self) -> float:
        """Return the seconds of a month."""
        return self.hours * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPart:
    """One line of a tier's monthly bill.

    Attributes:
        idle: Whether it bills while nothing happens.
        resource_type: The CloudFormation type that bills, for a part that is idle; otherwise empty.
        count: How many resources of that type share the amount.
    """

    name: str
    usd_per_month: float
    idle: bool
    resource_type: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCost:
    """What a month of the workload costs on one tier."""

    tier: str
    usd_per_month: float
    usd_per_month_at_ten_times: float
    idle_usd_per_month: float
    parts: tuple[CostPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpricedTier:
    """A tier whose cost the price data cannot tell."""

    tier: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover:
    """The traffic from which a Fargate service stays at most as expensive as Lambda.

    Attributes:
        requests_per_month: None when there is no such traffic, or nothing to compare.
        text: One sentence that says so.
    """

    requests_per_month: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """The cost of each priced tier at one traffic."""

    requests_per_month: float
    usd_by_tier: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The monthly cost of a workload on every tier that can run it.

    Attributes:
        requests_per_month: The traffic that was asked for.
        by_tier: The priced tiers, in policy order.
        unpriced: The tiers whose cost is unknown, each with the reason.
        notes: What the figures leave out, one sentence each.
        prices_as_of: The date of the price data; None where nothing was estimated.
    """

    requests_per_month: float
    by_tier: tuple[TierCost, ...]
    unpriced: tuple[UnpricedTier, ...]
    crossover: Crossover
    curve: tuple[CurvePoint, ...]
    notes: tuple[str, ...]
    prices_as_of: date | None = None

    def of(self, tier: str) -> TierCost | None:
        """Return the cost of a tier, or None where it is unknown or the tier cannot run the workload."""
        return next((cost for cost in self.by_tier if cost.tier == tier), None)


NO_COST = Cost(
    requests_per_month=0,
    by_tier=(),
    unpriced=(),
    crossover=Crossover(requests_per_month=None, text="There is no crossover: no tier holds this workload"),
    curve=(),
    notes=(),
)
"""That of a workload which no tier holds."""
