"""What a workload costs on Lambda: the front that takes its events, its requests, its running time."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from generator.cost.alarms import alarm_parts
from generator.cost.charges import charge_parts
from generator.cost.values import CostPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.demand import Demand
    from generator.cost.values import Basis
    from generator.sizing import Size

__all__ = ["parts"]

_MIB_PER_GIB = 1024
_PER_OPERATION = {
    "step-functions": ("Step Functions transitions", "step_functions.standard_per_thousand_transitions"),
    "durable": ("durable function operations", "lambda_durable.per_million_operations"),
}


def parts(demand: Demand, size: Size, basis: Basis) -> tuple[CostPart, ...]:
    """Return the monthly bill of a workload on Lambda."""
    return (
        *_front(demand, basis),
        *charge_parts(demand.charges, demand, basis),
        *_orchestration(demand, basis),
        *_running(demand, size, basis),
        *alarm_parts("lambda", basis),
    )


def _front(demand: Demand, basis: Basis) -> Iterator[CostPart]:
    """Yield what takes the requests; function URLs and response streams add nothing."""
    if demand.trigger == "http" and demand.variant != "streaming" and demand.front == "api":
        usd = basis.prices.price("api_gateway_http").cost(demand.requests_per_month)
        yield CostPart(name="HTTP API requests", usd_per_month=usd, idle=False)
    elif demand.protocol in _CONNECTION_FRONTS:
        front, price = _CONNECTION_FRONTS[demand.protocol]
        messages = demand.requests_per_month * basis.assumptions.messages_per_request
        minutes = demand.requests_per_month / basis.assumptions.requests_per_connection_minute
        for name, quantity in (("messages", messages), ("connection_minutes", minutes)):
            usd = basis.prices.price(f"{price}.per_million_{name}").cost(quantity)
            yield CostPart(name=f"{front} {name.replace('_', ' ')}", usd_per_month=usd, idle=False)


_CONNECTION_FRONTS = {
    "websocket": ("WebSocket API", "api_gateway_websocket"),
    "mqtt": ("IoT Core", "iot_core"),
}


def _orchestration(demand: Demand, basis: Basis) -> Iterator[CostPart]:
    if demand.variant in _PER_OPERATION:
        name, price = _PER_OPERATION[demand.variant]
        operations = demand.requests_per_month * _steps(demand) * basis.assumptions.operations_per_step
        yield CostPart(name=name, usd_per_month=basis.prices.price(price).cost(operations), idle=False)


def _running(demand: Demand, size: Size, basis: Basis) -> Iterator[CostPart]:
    architecture = "arm64" if size.architecture == "arm64" else "x86"
    seconds = demand.requests_per_month * demand.run_seconds
    scratch_gib = max(0.0, size.ephemeral_gib - basis.assumptions.lambda_min_scratch)
    quantities = (
        ("Lambda requests", "lambda_requests", demand.requests_per_month * _steps(demand)),
        ("Lambda running time", f"lambda_gb_second_{architecture}", seconds * size.memory_mib / _MIB_PER_GIB),
        ("Lambda temporary disk", "lambda_ephemeral_gb_second", seconds * scratch_gib),
    )
    for name, price, quantity in quantities:
        if quantity or price != "lambda_ephemeral_gb_second":
            yield CostPart(name=name, usd_per_month=basis.prices.price(price).cost(quantity), idle=False)


def _steps(demand: Demand) -> int:
    """Return the invocations that one run takes."""
    return max(1, ceil(demand.run_seconds / demand.step_seconds))
