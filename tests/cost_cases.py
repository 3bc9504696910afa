"""Builders shared by the tests of cost, chart and explanation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator import policy, prices
from generator.cost import Basis, Cost, CostAssumptions, Demand, estimate_demand
from generator.sizing import Size

if TYPE_CHECKING:
    from generator.event_source import Charge

POLICY_ASSUMPTIONS = CostAssumptions.of(policy.load())
ASSUMPTIONS = replace(POLICY_ASSUMPTIONS, lambda_alarms=0, fargate_task_alarms=0, fargate_service_alarms=0)
PRICES = prices.load()
WORKFLOW_CHARGES = policy.load().event_sources["workflow"].charges


def basis(**changes: float) -> Basis:
    return Basis(prices=PRICES, assumptions=replace(ASSUMPTIONS, **changes))


def size(memory_mib: int, vcpu: float, *, architecture: str = "arm64", ephemeral_gib: float = 0.5) -> Size:
    return Size(
        memory_mib=memory_mib,
        vcpu=vcpu,
        ephemeral_gib=ephemeral_gib,
        timeout_seconds=None,
        architecture=architecture,
    )


def demand(  # noqa: PLR0913
    requests: float,
    seconds: float,
    *,
    trigger: str = "http",
    variant: str = "function",
    protocol: str = "",
    memory_mib: int = 512,
    cpu_bound_share: float = 1,
    always_on_tasks: int = 2,
    host_needs: frozenset[str] = frozenset(),
    charges: tuple[Charge, ...] = (),
    orchestration: str = "step-functions",
) -> Demand:
    return Demand(
        requests_per_month=requests,
        trigger=trigger,
        variant=variant,
        protocol=protocol,
        run_seconds=seconds,
        step_seconds=900,
        cpu_seconds=seconds * min(1, memory_mib / 1769) * cpu_bound_share,
        always_on_tasks=always_on_tasks,
        kept_instances=2,
        kept_instance_hours=730,
        host_needs=host_needs,
        charges=charges,
        orchestration=orchestration,
    )


def public_api(requests: float = 60e6, *, cpu_bound_share: float = 1) -> Cost:
    """Worked example 2: 100 ms, 512 MB; a service of 0.5 vCPU and 1 GB."""
    sizes = {"lambda": size(512, 0.29), "fargate-service": size(1024, 0.5)}
    return estimate_demand(demand(requests, 0.1, cpu_bound_share=cpu_bound_share), sizes, basis())
