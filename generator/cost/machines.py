"""What a workload costs on EC2: the cheapest listed instance type that holds it, for the hours it runs."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from generator.cost.balancer import balancer_parts
from generator.cost.service import awake_hours, requests_per_task
from generator.cost.values import CostPart
from generator.prices import UnknownPriceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.demand import Demand
    from generator.cost.values import Basis
    from generator.prices import Machine
    from generator.sizing import Size

__all__ = ["machine_for", "parts"]

_MIB_PER_GIB = 1024
_RUN_TO_COMPLETION = frozenset({"event", "schedule", "job"})
# Kernel access and enclaves come with any instance and a GPU is in the table; the rest is not priced here.
_LISTED_NEEDS = frozenset({"gpu", "kernel", "enclave"})


def parts(demand: Demand, size: Size, basis: Basis) -> tuple[CostPart, ...]:
    """Return the monthly bill of a workload on EC2.

    Raises:
        UnknownPriceError: No listed instance type has what the workload needs.
    """
    machine = machine_for(demand, size, basis)
    if demand.trigger in _RUN_TO_COMPLETION:
        hours = _hours_to_completion(demand, basis)
        return tuple(_instances(machine, hours, hours, size, basis, idle=False))
    needed = ceil(demand.requests_per_month / requests_per_task(demand, size, basis))
    kept_hours = demand.kept_instances * demand.kept_instance_hours
    added = max(0, needed - demand.kept_instances)
    return (
        *_instances(machine, kept_hours, demand.kept_instances * basis.hours, size, basis, idle=True),
        *_instances(machine, added * basis.hours, added * basis.hours, size, basis, idle=False),
        *balancer_parts(demand, basis),
    )


def _hours_to_completion(demand: Demand, basis: Basis) -> float:
    """Return the instance hours of runs that end: one instance each, or a pool that takes turns.

    A pool sleeps after the same silence as a service. Batch and Auto Scaling groups can be set up for either,
    so the cheaper one counts.
    """
    one_each = demand.requests_per_month * (demand.run_seconds + basis.assumptions.instance_start_s) / 3600
    hours_up, open_hours = awake_hours(demand, basis)
    worked = demand.requests_per_month * demand.run_seconds / 3600
    pool = hours_up * max(1, ceil(worked / (open_hours * basis.assumptions.utilisation_target)))
    return min(one_each, pool)


def machine_for(demand: Demand, size: Size, basis: Basis) -> Machine:
    """Return the cheapest listed instance type that holds the workload.

    Raises:
        UnknownPriceError: None does.
    """
    if unlisted := sorted(demand.host_needs - _LISTED_NEEDS):
        raise UnknownPriceError(f"no price is listed for an instance with {', '.join(unlisted)}")
    gpu = "gpu" in demand.host_needs
    for machine in basis.prices.machines:
        holds = machine.vcpu >= size.vcpu and machine.memory_gib * _MIB_PER_GIB >= size.memory_mib
        if holds and machine.gpu == gpu and (gpu or machine.architecture == size.architecture):
            return machine
    gib = size.memory_mib / _MIB_PER_GIB
    raise UnknownPriceError(f"no listed instance type holds {size.vcpu:g} vCPU and {gib:g} GiB")


def _instances(  # noqa: PLR0913  a stopped instance keeps its disk, so both hours are needed
    machine: Machine, hours: float, disk_hours: float, size: Size, basis: Basis, *, idle: bool
) -> Iterator[CostPart]:
    if not disk_hours:
        return
    disk_gib = basis.assumptions.instance_root_gib + size.ephemeral_gib
    disk_usd = disk_gib * basis.prices.usd("ebs.gp3_gb_month") * disk_hours / basis.hours
    kept = "kept running" if idle else "running with the work"
    yield CostPart(
        name=f"{machine.instance_type} {kept}",
        usd_per_month=hours * machine.usd_per_hour,
        idle=idle,
        resource_type="AWS::AutoScaling::AutoScalingGroup" if idle else "",
    )
    yield CostPart(
        name=f"EBS disks {kept}",
        usd_per_month=disk_usd,
        idle=idle,
        resource_type="AWS::EC2::Volume" if idle else "",
    )
