"""Put the formulas together: the cost of a workload on every tier that can run it."""

from __future__ import annotations

from functools import partial
from math import log10
from typing import TYPE_CHECKING

from generator.conditions import holds
from generator.cost import fargate, functions, machines, service
from generator.cost.assumptions import CostAssumptions
from generator.cost.charges import charge_parts
from generator.cost.crossover import crossover
from generator.cost.demand import demand_of
from generator.cost.values import Basis, Cost, CurvePoint, TierCost, UnpricedTier
from generator.event_source import SOURCED_TIERS, STARTED_TIERS, event_source_of
from generator.prices import UnknownPriceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.cost.demand import Demand
    from generator.cost.values import CostPart
    from generator.event_source import Charge
    from generator.policy_model import Policy
    from generator.prices import Prices
    from generator.sizing import Size
    from generator.workload import Workload

__all__ = ["estimate", "estimate_demand"]

_PARTS: Mapping[str, Callable[[Demand, Size, Basis], tuple[CostPart, ...]]] = {
    "lambda": functions.parts,
    "fargate-task": fargate.task_parts,
    "fargate-service": service.parts,
    "ec2": machines.parts,
}


def estimate(  # noqa: PLR0913, PLR0917  the contract between decision and cost
    workload: Workload,
    size_by_tier: Mapping[str, Size],
    chosen: str,
    variant: str,
    policy: Policy,
    prices: Prices,
    *,
    aws_region: str | None = None,
    front: str = "api",
    stream_source: str = "dynamodb",
    orchestration: str = "step-functions",
) -> Cost:
    """Return what the workload costs on each tier that has a size.

    Args:
        workload: The workload.
        size_by_tier: Every tier that can run the workload, in policy order, with the size it would have.
        chosen: The tier of the decision.
        variant: The variant of the chosen tier.
        policy: The source of the assumptions.
        prices: The price data.
        aws_region: Where it is deployed to; it changes no price, and may change the event source.
        front: What takes the requests of an HTTP API on Lambda: `api` or `function-url`.
        stream_source: What a stream that starts a function is: `dynamodb` or `kinesis`.
        orchestration: What runs the steps of a divided run on Lambda: `step-functions` or `durable-function`.
    """
    assumptions = CostAssumptions.of(policy)
    values = {**workload.values(), "variant": variant, "aws_region": aws_region}
    values |= {"stream_source": stream_source, "orchestration": orchestration}
    on_lambda, on_task, on_service = (event_source_of(tier, values, policy) for tier in SOURCED_TIERS)
    demand = demand_of(
        workload,
        sizes=size_by_tier,
        chosen=chosen,
        variant=variant,
        step_seconds=policy.bound("lambda.duration"),
        assumptions=assumptions,
        charges=_that_hold(on_lambda.charges, values) if on_lambda else (),
        task_charges=_that_hold(on_task.task_charges, values) if on_task else (),
        service_charges=_that_hold(on_service.service_charges, values) if on_service else (),
        front=front,
        orchestration=orchestration,
    )
    return estimate_demand(demand, size_by_tier, Basis(prices=prices, assumptions=assumptions))


def _that_hold(charges: tuple[Charge, ...], values: Mapping[str, object]) -> tuple[Charge, ...]:
    return tuple(charge for charge in charges if holds(charge.when, values))


def estimate_demand(demand: Demand, sizes: Mapping[str, Size], basis: Basis) -> Cost:
    """Return what a demand costs on each tier that has a size; a tier without a price is named."""
    priced: list[TierCost] = []
    unpriced: list[UnpricedTier] = []
    for tier, size in sizes.items():
        try:
            priced.append(_tier_cost(tier, demand, size, basis))
        except UnknownPriceError as error:
            unpriced.append(UnpricedTier(tier=tier, text=str(error)))
    usd = {cost.tier: partial(_usd, cost.tier, demand, sizes[cost.tier], basis) for cost in priced}
    return Cost(
        requests_per_month=demand.requests_per_month,
        by_tier=tuple(priced),
        unpriced=tuple(unpriced),
        crossover=crossover(demand, sizes, usd, basis),
        curve=tuple(_curve(usd, basis.assumptions)),
        notes=(_note(basis.prices),),
        prices_as_of=basis.prices.as_of,
    )


def _note(prices: Prices) -> str:
    return f"List prices of {prices.region} on {prices.as_of}, without free tier, tax and data transfer"


def _tier_cost(tier: str, demand: Demand, size: Size, basis: Basis) -> TierCost:
    parts = _parts(tier, demand, size, basis)
    return TierCost(
        tier=tier,
        usd_per_month=sum(part.usd_per_month for part in parts),
        usd_per_month_at_ten_times=_usd(tier, demand, size, basis, 10 * demand.requests_per_month),
        idle_usd_per_month=sum(part.usd_per_month for part in parts if part.idle),
        parts=parts,
    )


def _usd(tier: str, demand: Demand, size: Size, basis: Basis, requests_per_month: float) -> float:
    return sum(part.usd_per_month for part in _parts(tier, demand.at(requests_per_month), size, basis))


def _parts(tier: str, demand: Demand, size: Size, basis: Basis) -> tuple[CostPart, ...]:
    parts = _PARTS[tier](demand, size, basis)
    # Where something starts each run, its charges are among the formula's own, in the order of the bill.
    return parts if tier in STARTED_TIERS else (*parts, *charge_parts(demand, basis, tier=tier))


def _curve(usd: Mapping[str, Callable[[float], float]], assumptions: CostAssumptions) -> list[CurvePoint]:
    """Return points at equal steps of the logarithm, both ends included."""
    decades = log10(assumptions.curve_to / assumptions.curve_from)
    steps = max(1, round(decades * assumptions.curve_points_per_decade))
    traffic = [assumptions.curve_from * 10 ** (decades * step / steps) for step in range(steps + 1)]
    return [
        CurvePoint(
            requests_per_month=requests, usd_by_tier={tier: cost(requests) for tier, cost in usd.items()}
        )
        for requests in traffic
    ]
