"""What the cost formulas need of a workload, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.cost.assumptions import CostAssumptions
    from generator.event_source import Charge
    from generator.sizing import Size
    from generator.workload import Workload

__all__ = ["Demand", "demand_of"]

HELD_CONNECTIONS = frozenset({"websocket", "sse", "mqtt", "grpc_stream"})
RAW_CONNECTIONS = frozenset({"tcp", "udp"})
_CLIENTS_COME_IN = frozenset({"http", "connection_in"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A workload, reduced to what a month of it is billed for.

    Attributes:
        variant: The variant of the chosen tier; on Lambda it names the front, or says that runs are divided.
        protocol: What clients speak; empty where none come in and for plain HTTP.
        run_seconds: Mean length of one run.
        step_seconds: Longest step that a divided run may have; one Lambda invocation at most.
        cpu_seconds: CPU that one run uses.
        always_on_tasks: Tasks of a service at no traffic; 0 where it may sleep and something wakes it.
        kept_instances: Instances on EC2 at no traffic, unless it runs to completion.
        kept_instance_hours: Hours of the month that each of them runs.
        host_needs: What the workload needs of its machine.
        charges: What its event source is billed for on Lambda.
        task_charges: What it is billed for as Fargate tasks.
        service_charges: What it is billed for as a Fargate service that was chosen.
        ending_seconds: For how long a task that is told to end may stay, as a load balancer waits for it.
        front: What takes the requests of an HTTP API on Lambda.
        orchestration: What runs the steps of a run that is divided.
    """

    requests_per_month: float
    trigger: str
    variant: str
    protocol: str
    run_seconds: float
    step_seconds: float
    cpu_seconds: float
    always_on_tasks: int
    kept_instances: int
    kept_instance_hours: float
    host_needs: frozenset[str]
    charges: tuple[Charge, ...] = ()
    task_charges: tuple[Charge, ...] = ()
    service_charges: tuple[Charge, ...] = ()
    ending_seconds: float = 0
    front: str = "api"
    orchestration: str = "step-functions"

    def at(self, requests_per_month: float) -> Demand:
        """Return the same workload at another traffic."""
        return replace(self, requests_per_month=requests_per_month)

    @property
    def connection_minutes(self) -> bool:
        """Return whether clients hold connections whose messages are the requests."""
        return self.protocol in HELD_CONNECTIONS


def demand_of(  # noqa: PLR0913  what the decision knows when it asks for the cost
    workload: Workload,
    *,
    sizes: Mapping[str, Size],
    chosen: str,
    variant: str,
    step_seconds: float,
    assumptions: CostAssumptions,
    charges: tuple[Charge, ...],
    task_charges: tuple[Charge, ...],
    service_charges: tuple[Charge, ...],
    front: str,
    orchestration: str,
) -> Demand:
    """Return what a workload is billed for when the `chosen` tier runs it.

    A service that only stands beside the chosen tier for comparison is as available as that tier: it keeps
    the tasks of a critical service.
    """
    run_seconds = (workload.avg_run_ms or 0) / 1000
    on_lambda = sizes.get("lambda")
    memory_mib = (
        on_lambda.memory_mib if on_lambda else (workload.memory_mb or assumptions.lambda_mib_per_vcpu)
    )
    busy = workload.cpu_bound_share
    may_stop = chosen == "ec2" and not workload.critical
    return Demand(
        requests_per_month=float(workload.requests_per_month or 0),
        trigger=workload.trigger,
        variant=variant,
        protocol=(workload.protocol or "") if workload.trigger in _CLIENTS_COME_IN else "",
        run_seconds=run_seconds,
        step_seconds=step_seconds,
        cpu_seconds=run_seconds
        * min(1.0, memory_mib / assumptions.lambda_mib_per_vcpu)
        * (assumptions.cpu_bound_share_assumed if busy is None else busy),
        always_on_tasks=_always_on_tasks(workload, chosen, assumptions),
        kept_instances=1 if may_stop else int(assumptions.critical_min_capacity),
        kept_instance_hours=assumptions.wake_hours_per_month if may_stop else assumptions.hours_per_month,
        host_needs=frozenset(workload.host_needs or ()),
        charges=charges,
        task_charges=task_charges,
        service_charges=service_charges if chosen == "fargate-service" else (),
        ending_seconds=(workload.longest_run_s or 0) + 2 * assumptions.serving_margin_s
        if variant == "http-alb-asleep"
        else 0,
        front=front,
        orchestration=orchestration,
    )


def _always_on_tasks(workload: Workload, chosen: str, assumptions: CostAssumptions) -> int:
    if chosen != "fargate-service" or workload.critical:
        return int(assumptions.critical_min_capacity)
    can_be_woken = workload.trigger != "connection_out" and workload.wake_ok is not False
    return 0 if can_be_woken else 1
