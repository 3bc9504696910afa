"""What the load balancer before always-on tasks or instances costs: hours and capacity units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cost.demand import RAW_CONNECTIONS
from generator.cost.values import CostPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.demand import Demand
    from generator.cost.values import Basis

__all__ = ["balancer_parts"]

_KIB_PER_GIB = 1024**2
_CLIENTS_COME_IN = frozenset({"http", "connection_in"})


def balancer_parts(demand: Demand, basis: Basis) -> Iterator[CostPart]:
    """Yield the load balancer's bill; nothing for work that no client connects to."""
    if demand.trigger not in _CLIENTS_COME_IN:
        return
    prices = basis.prices
    kind = "nlb" if demand.protocol in RAW_CONNECTIONS else "alb"
    addresses = basis.assumptions.load_balancer_zones * prices.usd("public_ipv4_hour")
    yield CostPart(
        name="load balancer",
        usd_per_month=basis.hours * (prices.usd(f"{kind}.hour") + addresses),
        idle=True,
        resource_type="AWS::ElasticLoadBalancingV2::LoadBalancer",
    )
    capacity_unit_hour = prices.usd("nlb.nlcu_hour" if kind == "nlb" else "alb.lcu_hour")
    usd = basis.hours * capacity_unit_hour * _capacity_units(demand, basis)
    yield CostPart(name="load balancer traffic", usd_per_month=usd, idle=False)


def _capacity_units(demand: Demand, basis: Basis) -> float:
    """Return the mean capacity units in use: the largest of what bytes, new and open connections need."""
    assumptions = basis.assumptions
    if demand.connection_minutes:
        kib = demand.requests_per_month * assumptions.messages_per_request * assumptions.kib_per_message
        open_connections = (
            demand.requests_per_month / assumptions.requests_per_connection_minute / (basis.hours * 60)
        )
        new_per_second = 0.0
    else:
        kib = demand.requests_per_month * assumptions.kib_per_request
        open_connections = demand.requests_per_month * demand.run_seconds / basis.seconds
        new_per_second = demand.requests_per_month / assumptions.requests_per_connection / basis.seconds
    return max(
        kib / _KIB_PER_GIB / basis.hours / assumptions.capacity_unit_gib_per_hour,
        open_connections / assumptions.capacity_unit_open_connections,
        new_per_second / assumptions.capacity_unit_connections_per_s,
    )
