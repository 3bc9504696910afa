"""What an event source charges for handing over the work, and for waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cost.values import CostPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.demand import Demand
    from generator.cost.values import Basis
    from generator.event_source import Charge

__all__ = ["charge_parts"]


def charge_parts(demand: Demand, basis: Basis, *, tier: str = "lambda") -> Iterator[CostPart]:
    """Yield what an event source is billed for when a tier works on its events.

    Args:
        demand: Names the charges.
        basis: Prices.
        tier: On another one than Lambda only what is billed everywhere, and what starting its tasks is
            or feeding them.
    """
    for charge in _charges_on(tier, demand):
        price = basis.prices.price(charge.price)
        if charge.per_request:
            usd = price.cost(demand.requests_per_month * charge.per_request)
            yield CostPart(name=charge.name, usd_per_month=usd, idle=False)
        # Each task of a service waits for itself.
        waiting = demand.always_on_tasks if charge in demand.service_charges else 1
        if charge.per_month and waiting:
            yield CostPart(
                name=charge.name,
                usd_per_month=price.cost(charge.per_month * waiting),
                idle=True,
                resource_type=charge.resource_type,
            )


def _charges_on(tier: str, demand: Demand) -> tuple[Charge, ...]:
    if tier == "lambda":
        return demand.charges
    everywhere = tuple(charge for charge in demand.charges if charge.everywhere)
    of_tier = {"fargate-task": demand.task_charges, "fargate-service": demand.service_charges}
    return (*everywhere, *of_tier.get(tier, ()))
