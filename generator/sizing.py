"""Turns what one unit of work needs into a size that a tier offers."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.policy_model import FargateRow, Policy
    from generator.workload import Workload

__all__ = ["Size", "size_on", "size_wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What one environment, task or instance gets.

    Attributes:
        timeout_seconds: How long one run may take; `None` where nothing stops it.
        volume_gib: Temporary disk that is too large for a task, and a volume beside it; 0 for none.
    """

    memory_mib: int
    vcpu: float
    ephemeral_gib: float
    timeout_seconds: int | None
    architecture: str
    volume_gib: int = 0


def size_on(tier: str, workload: Workload, policy: Policy, *, lambda_holds: bool) -> Size:
    """Return the smallest size of a tier that holds one unit of work.

    Args:
        tier: A tier whose limits the workload keeps.
        workload: Says what one unit of work needs.
        policy: The sizes.
        lambda_holds: Whether Lambda could run it. Then an unknown number of processors is the share that the
            memory brings on Lambda, so that tiers are compared at equal power.
    """
    if tier == "lambda":
        return _on_lambda(workload, policy)
    return _on_host(tier, workload, policy, _processors(workload, policy, lambda_holds=lambda_holds))


def size_wanted(workload: Workload, *, at_most: Size | None = None) -> Size:
    """Return what was asked for as it is, whether or not any tier offers it; what was assumed is no wish.

    Args:
        workload: Says what one unit of work needs.
        at_most: A size that holds it, which stands for what was not answered.
    """
    return Size(
        memory_mib=at_most.memory_mib
        if at_most and not workload.has("memory_mb")
        else workload.memory_mb or 0,
        vcpu=at_most.vcpu if at_most and not workload.has("vcpu") else workload.vcpu or 0,
        ephemeral_gib=at_most.ephemeral_gib if at_most else workload.scratch_gb or 0,
        timeout_seconds=at_most.timeout_seconds if at_most else None,
        architecture=workload.architecture,
        volume_gib=at_most.volume_gib if at_most else 0,
    )


def _on_lambda(workload: Workload, policy: Policy) -> Size:
    per_vcpu, largest = policy.number("lambda_mib_per_vcpu"), policy.bound("lambda.memory")
    for_processors = per_vcpu * workload.vcpu if workload.has("vcpu") and workload.vcpu else 0
    smallest = max(policy.number("lambda_min_memory"), workload.memory_mb or 0, for_processors)
    # The limit of six processors is a little more than the largest memory brings by this rate.
    memory = min(ceil(smallest), int(largest))
    return Size(
        memory_mib=memory,
        vcpu=round(memory / per_vcpu, 2),
        ephemeral_gib=max(policy.number("lambda_min_scratch"), workload.scratch_gb or 0),
        timeout_seconds=_lambda_timeout(workload, policy),
        architecture=workload.architecture,
    )


def _lambda_timeout(workload: Workload, policy: Policy) -> int:
    longest = policy.bound("lambda.duration")
    if workload.protocol == "sse" or workload.longest_run_s is None:
        return int(longest)
    return int(min(ceil(workload.longest_run_s), longest))


def _processors(workload: Workload, policy: Policy, *, lambda_holds: bool) -> float:
    if lambda_holds and not workload.has("vcpu"):
        return (workload.memory_mb or 0) / policy.number("lambda_mib_per_vcpu")
    return workload.vcpu or 0


def _on_host(tier: str, workload: Workload, policy: Policy, processors: float) -> Size:
    memory = workload.memory_mb or 0
    row = None if tier == "ec2" else _row(workload, policy, processors, memory)
    return Size(
        memory_mib=next(size for size in row.memory_mib if size >= memory) if row else memory,
        vcpu=row.vcpu if row else processors,
        ephemeral_gib=_storage(workload, policy),
        timeout_seconds=ceil(workload.longest_run_s)
        if tier == "fargate-task" and workload.longest_run_s
        else None,
        architecture=workload.architecture,
        volume_gib=0 if tier == "ec2" else _volume(workload, policy),
    )


def _row(workload: Workload, policy: Policy, processors: float, memory: int) -> FargateRow:
    windows = "windows_container" in workload.host_needs
    return next(
        row
        for row in policy.sizes.rows
        if (row.windows or not windows) and row.vcpu >= processors and row.memory_mib[-1] >= memory
    )


def _storage(workload: Workload, policy: Policy) -> float:
    """Return task storage, which the image shares; more than a task can have goes to a volume beside it."""
    needed = ceil((workload.scratch_gb or 0) + (workload.package_gb or 0))
    free, most = policy.number("fargate_free_storage"), policy.number("fargate_max_storage")
    return free if needed <= free or (workload.scratch_gb or 0) > most else min(needed, most)


def _volume(workload: Workload, policy: Policy) -> int:
    scratch = workload.scratch_gb or 0
    return ceil(scratch) if scratch > policy.number("fargate_max_storage") else 0
