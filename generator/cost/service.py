"""What a workload costs as a Fargate service: a floor and a staircase, or asleep until it is woken."""

from __future__ import annotations

from math import ceil, expm1, inf
from typing import TYPE_CHECKING

from generator.cost.alarms import alarm_parts
from generator.cost.balancer import balancer_parts
from generator.cost.fargate import task_usd_per_hour
from generator.cost.values import CostPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.demand import Demand
    from generator.cost.values import Basis
    from generator.sizing import Size

__all__ = ["awake_hours", "parts", "requests_per_task", "tasks"]


def parts(demand: Demand, size: Size, basis: Basis) -> tuple[CostPart, ...]:
    """Return the monthly bill of a workload on a Fargate service."""
    running = _always_on if demand.always_on_tasks else _woken
    return (*running(demand, size, basis), *alarm_parts("fargate-service", basis, variant=demand.variant))


def requests_per_task(demand: Demand, size: Size, basis: Basis, *, hours: float | None = None) -> float:
    """Return the requests that one task carries in so many hours, by default all of a month."""
    needed = basis.assumptions.peak_headroom * demand.cpu_seconds
    offered = (
        (basis.hours if hours is None else hours) * 3600 * size.vcpu * basis.assumptions.utilisation_target
    )
    return offered / needed if needed else inf


def tasks(demand: Demand, size: Size, basis: Basis) -> int:
    """Return how many tasks an always-on service runs at the workload's traffic."""
    return max(
        demand.always_on_tasks, ceil(demand.requests_per_month / requests_per_task(demand, size, basis))
    )


def _always_on(demand: Demand, size: Size, basis: Basis) -> Iterator[CostPart]:
    each = basis.hours * task_usd_per_hour(demand, size, basis)
    yield from balancer_parts(demand, basis)
    yield CostPart(
        name="Fargate tasks kept running",
        usd_per_month=demand.always_on_tasks * each,
        idle=True,
        resource_type="AWS::ECS::Service",
    )
    if added := tasks(demand, size, basis) - demand.always_on_tasks:
        yield CostPart(name="Fargate tasks added by traffic", usd_per_month=added * each, idle=False)


def awake_hours(demand: Demand, basis: Basis) -> tuple[float, float]:
    """Return the monthly hours in which something that sleeps is awake, and those in which it may be.

    Requests come at random (Poisson) within the hours that the users are at work, and each keeps it
    up for its own length and the silence that follows, and for as long as its task may take to end.
    """
    open_hours = min(basis.hours, basis.assumptions.wake_hours_per_month)
    kept_up_hours = (demand.run_seconds + basis.assumptions.wake_idle_s + demand.ending_seconds) / 3600
    return -open_hours * expm1(-demand.requests_per_month * kept_up_hours / open_hours), open_hours


def _woken(demand: Demand, size: Size, basis: Basis) -> Iterator[CostPart]:
    """Yield the bill of a service that sleeps: the tasks run in the hours that requests fall into."""
    hours_up, open_hours = awake_hours(demand, basis)
    carried = requests_per_task(demand, size, basis, hours=open_hours)
    count = max(1, ceil(demand.requests_per_month / carried))
    usd = hours_up * count * task_usd_per_hour(demand, size, basis)
    yield CostPart(name="Fargate tasks while awake", usd_per_month=usd, idle=False)
    yield from _waker(demand, basis)


def _waker(demand: Demand, basis: Basis) -> Iterator[CostPart]:
    """Yield what wakes the service: its front, or a zone whose queries are seen."""
    if demand.variant.endswith("-alb-asleep"):
        yield from balancer_parts(demand, basis)
    elif demand.trigger == "http" and not demand.protocol:
        usd = basis.prices.price("api_gateway_http").cost(demand.requests_per_month)
        yield CostPart(name="HTTP API requests", usd_per_month=usd, idle=False)
        yield _zone("AWS::ServiceDiscovery::PrivateDnsNamespace", basis)
        if demand.variant == "http-api":
            yield _watch(basis)
    elif demand.protocol:
        yield _zone("AWS::Route53::HostedZone", basis)
        if demand.variant.endswith("-dns-asleep"):
            yield _watch(basis)


def _watch(basis: Basis) -> CostPart:
    """Return the bill for what looks every few minutes whether the service is idle, asleep or not."""
    prices, assumptions = basis.prices, basis.assumptions
    gb_seconds = assumptions.watch_calls * assumptions.watch_gb_s
    usd = prices.price("lambda_requests").cost(assumptions.watch_calls)
    usd += prices.price("lambda_gb_second_arm64").cost(gb_seconds)
    return CostPart(
        name="Lambda, which looks every five minutes whether it is idle",
        usd_per_month=usd,
        idle=True,
        resource_type="AWS::Lambda::Function",
    )


def _zone(resource_type: str, basis: Basis) -> CostPart:
    usd = basis.prices.idle_usd_per_month(resource_type)
    return CostPart(name="DNS zone", usd_per_month=usd, idle=True, resource_type=resource_type)
