"""What a workload costs as Fargate tasks, one for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cost.alarms import alarm_parts
from generator.cost.charges import charge_parts
from generator.cost.values import CostPart

if TYPE_CHECKING:
    from generator.cost.demand import Demand
    from generator.cost.values import Basis
    from generator.sizing import Size

__all__ = ["task_parts", "task_usd_per_hour"]

_MIB_PER_GIB = 1024


def task_parts(demand: Demand, size: Size, basis: Basis) -> tuple[CostPart, ...]:
    """Return the monthly bill of a workload that starts one task for each run."""
    assumptions = basis.assumptions
    billed_seconds = max(assumptions.task_minimum_billing_s, demand.run_seconds + assumptions.task_start_s)
    usd = demand.requests_per_month * billed_seconds / 3600 * task_usd_per_hour(demand, size, basis)
    return (
        CostPart(name="Fargate tasks", usd_per_month=usd, idle=False),
        *charge_parts(demand, basis, tier="fargate-task"),
        *alarm_parts("fargate-task", basis),
    )


def task_usd_per_hour(demand: Demand, size: Size, basis: Basis) -> float:
    """Return what one running task costs an hour, with its public IPv4 address and disk."""
    prices = basis.prices
    if "windows_container" in demand.host_needs:
        platform = "windows"
        vcpu_hour = prices.usd("fargate.windows_vcpu_hour") + prices.usd("fargate.windows_os_vcpu_hour")
    else:
        platform = "arm64" if size.architecture == "arm64" else "x86"
        vcpu_hour = prices.usd(f"fargate.{platform}_vcpu_hour")
    scratch_gib = max(0.0, size.ephemeral_gib - basis.assumptions.fargate_free_storage)
    return (
        size.vcpu * vcpu_hour
        + size.memory_mib / _MIB_PER_GIB * prices.usd(f"fargate.{platform}_gb_hour")
        + scratch_gib * prices.usd("fargate.ephemeral_gb_hour_over_20")
        + size.volume_gib * prices.usd("ebs.gp3_gb_month") / basis.hours
        + prices.usd("public_ipv4_hour")
    )
