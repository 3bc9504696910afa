"""What a workload costs each month on every tier, at zero traffic too, and where a service becomes cheaper.

The formulas are those of section 11 of the decision's specification: prices come from `generator.prices`,
assumptions from the policy. List prices without free tier, tax and data transfer.
"""

from __future__ import annotations

from generator.cost.assumptions import CostAssumptions
from generator.cost.demand import Demand
from generator.cost.estimate import estimate, estimate_demand
from generator.cost.values import (
    NO_COST,
    Basis,
    Cost,
    CostPart,
    Crossover,
    CurvePoint,
    TierCost,
    UnpricedTier,
)

__all__ = [
    "NO_COST",
    "Basis",
    "Cost",
    "CostAssumptions",
    "CostPart",
    "Crossover",
    "CurvePoint",
    "Demand",
    "TierCost",
    "UnpricedTier",
    "estimate",
    "estimate_demand",
]
