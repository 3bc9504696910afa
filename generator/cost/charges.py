"""What the event source of a workload charges, besides the function or the task that it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cost.values import CostPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.demand import Demand
    from generator.cost.values import Basis
    from generator.event_source import Charge

__all__ = ["charge_parts"]


def charge_parts(charges: tuple[Charge, ...], demand: Demand, basis: Basis) -> Iterator[CostPart]:
    """Yield what an event source charges for the work, and what it charges for waiting."""
    for charge in charges:
        price = basis.prices.price(charge.price)
        if charge.per_request:
            usd = price.cost(demand.requests_per_month * charge.per_request)
            yield CostPart(name=charge.name, usd_per_month=usd, idle=False)
        if charge.per_month:
            yield CostPart(
                name=charge.name,
                usd_per_month=price.cost(charge.per_month),
                idle=True,
                resource_type=charge.resource_type,
            )
