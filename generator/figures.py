"""Computes the measures that warnings and reasons name, from a workload, its size and its cost."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from generator.concurrency import busy_share
from generator.sentences import say

if TYPE_CHECKING:
    from generator.compliance import ScaleToZero
    from generator.cost import Cost
    from generator.policy_model import Policy
    from generator.prices import Prices
    from generator.sizing import Size
    from generator.traffic import Traffic
    from generator.workload import Workload

__all__ = ["Shape", "cost_figures", "figures_of"]

_SECONDS_PER_MINUTE = 60
_SECONDS_PER_HOUR = 3600
_MIB_PER_GIB = 1024
_MS_PER_SECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What was chosen for a workload."""

    tier: str
    variant: str
    event_source: str
    size: Size
    scaling: ScaleToZero


def figures_of(shape: Shape, workload: Workload, traffic: Traffic, policy: Policy) -> dict[str, object]:
    """Return what the busiest second means, and what the chosen size means."""
    return {
        **_load_figures(workload, traffic, policy),
        **_size_figures(shape, workload, traffic, policy),
    }


def _load_figures(workload: Workload, traffic: Traffic, policy: Policy) -> dict[str, object]:
    """Return what the busiest second, the longest durations and the largest bodies mean."""
    pool = workload.db_max_connections or policy.number("db_pool")
    spike = traffic.peak_concurrency * policy.number("spike_factor")
    return {
        "db_pool_use": traffic.peak_concurrency / pool,
        "spike_concurrency": spike,
        "spike_per_second": traffic.peak_per_second * policy.number("spike_factor"),
        "downstream_use": _share(spike, workload.downstream_concurrency),
        "run_overlap_s": _overlap(workload),
        "connection_max_s": _times(workload.connection_max_min, _SECONDS_PER_MINUTE),
        "largest_body_mb": max(workload.request_mb or 0, workload.response_mb or 0),
    }


def _size_figures(shape: Shape, workload: Workload, traffic: Traffic, policy: Policy) -> dict[str, object]:
    """Return what the chosen size means: how many tasks at peak, and how far it is above what was asked."""
    tasks = _peak_tasks(shape, workload, traffic, policy)
    size, scaling = shape.size, shape.scaling
    return {
        "tier": shape.tier,
        "variant": shape.variant,
        "event_source": shape.event_source,
        "scale_to_zero": scaling.verdict,
        "scale_to_zero_text": scaling.text,
        "min_capacity": scaling.min_capacity,
        "size_memory_mib": size.memory_mib,
        "size_vcpu": size.vcpu,
        "peak_tasks": tasks,
        "vcpu_at_peak": tasks * size.vcpu,
        "vcpu_waste": size.vcpu / workload.vcpu if workload.vcpu and workload.has("vcpu") else None,
        "memory_waste": size.memory_mib / workload.memory_mb
        if workload.memory_mb and workload.has("memory_mb")
        else None,
    }


def cost_figures(shape: Shape, cost: Cost, policy: Policy, prices: Prices) -> dict[str, object]:
    """Return what the tier costs, what would bill beside it, and how near the crossover is."""
    hours = policy.number("hours_per_month")
    chosen, on_lambda, on_service = cost.of(shape.tier), cost.of("lambda"), cost.of("fargate-service")
    crossover = cost.crossover.requests_per_month
    return {
        "cost_usd": chosen and chosen.usd_per_month,
        "lambda_cost_usd": on_lambda and on_lambda.usd_per_month,
        "service_cost_usd": on_service and on_service.usd_per_month,
        "idle_cost_usd": chosen and chosen.idle_usd_per_month,
        "idle_parts": chosen
        and ", ".join(f"{part.name} {say(part.usd_per_month, 'USD')}" for part in chosen.parts if part.idle),
        "nat_cost_usd": prices.price("nat_gateway.hour").cost(hours),
        "msk_cost_usd": prices.idle_usd_per_month("AWS::MSK::ServerlessCluster"),
        "mq_cost_usd": prices.idle_usd_per_month("AWS::AmazonMQ::Broker"),
        "provisioned_cost_usd": _provisioned_usd(shape.size, hours, prices),
        "crossover_requests": crossover and _three_digits(crossover),
        "crossover_use": cost.requests_per_month / crossover if crossover else None,
    }


def _provisioned_usd(size: Size, hours: float, prices: Prices) -> float:
    architecture = "arm64" if size.architecture == "arm64" else "x86"
    gib_seconds = size.memory_mib / _MIB_PER_GIB * hours * _SECONDS_PER_HOUR
    return prices.price(f"lambda_provisioned_concurrency.idle_{architecture}").cost(gib_seconds)


def _three_digits(count: int) -> int:
    return round(count, 3 - len(str(count)))


def _overlap(workload: Workload) -> float | None:
    slowest, interval = workload.longest_run_s, workload.schedule_interval_s
    if workload.trigger != "schedule" or slowest is None or interval is None:
        return None
    return slowest - interval


def _share(value: float, of: float | None) -> float | None:
    return value / of if of else None


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _peak_tasks(shape: Shape, workload: Workload, traffic: Traffic, policy: Policy) -> int:
    if shape.tier != "fargate-service":
        return traffic.peak_concurrency
    running = traffic.peak_per_second * (workload.avg_run_ms or 0) / _MS_PER_SECOND
    busy = running * busy_share(workload, policy)
    return max(
        1, shape.scaling.min_capacity, ceil(busy / (shape.size.vcpu * policy.number("utilisation_target")))
    )
