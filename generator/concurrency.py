"""How much one task of a service works on at once, and how many tasks take in ten times the peak."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.policy_model import Policy
    from generator.workload import Workload

__all__ = ["Concurrency", "busy_share", "concurrency_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """Work that is done at the same time.

    Attributes:
        at_once: Pieces that one task works on.
        tasks: As many as the busiest second that nothing may cap needs.
    """

    at_once: int
    tasks: int


def busy_share(workload: Workload, policy: Policy) -> float:
    """Return the share of its time for which a piece of work computes."""
    return workload.cpu_bound_share or policy.number("cpu_bound_share_assumed")


def concurrency_of(
    workload: Workload, *, most: int, minimum: int, peak_concurrency: int, policy: Policy
) -> Concurrency:
    """Return as many tasks as ten times the peak needs, unless what they call takes fewer pieces at once.

    Args:
        workload: How much of their time pieces compute.
        most: More than that no task works on at once.
        minimum: Tasks that always run.
        peak_concurrency: Pieces at work in the busiest second that was stated.
        policy: The settings.
    """
    at_once = max(1, min(most, int(1 / busy_share(workload, policy))))
    spike = int(policy.number("spike_factor") * peak_concurrency)
    wanted = ceil(min(spike, workload.downstream_concurrency or spike) / at_once)
    return Concurrency(at_once=at_once, tasks=max(wanted, minimum, 1))
