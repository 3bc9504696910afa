"""What the cost model assumes where the workload does not say; the policy's own numbers come first."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.policy_model import Policy

__all__ = ["CostAssumptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAssumptions:
    """The assumptions, each under the name that it has in the policy.

    Attributes:
        hours_per_month: Length of a month.
        cpu_bound_share_assumed: Share of the running time that computes (b).
        utilisation_target: Share of a task's CPU that autoscaling aims to use (u).
        peak_headroom: Capacity that autoscaling keeps above the mean need, as a factor (rho).
        critical_min_capacity: Tasks or instances of a service that must answer at once.
        lambda_mib_per_vcpu: Lambda memory that brings one vCPU.
        lambda_min_scratch: Temporary disk in the price of Lambda, in GiB.
        fargate_free_storage: Temporary disk in the price of Fargate, in GiB.
        task_start_s: Pull and start of a Fargate task, billed (t0).
        task_minimum_billing_s: The shortest billed task.
        load_balancer_zones: Zones of a load balancer, each with a public IPv4 address.
        kib_per_request: Request and response together, as a load balancer counts them.
        requests_per_connection: HTTP requests that share one connection to a load balancer.
        kib_per_message: A message on a held connection.
        messages_per_request: Messages on a held connection for each run, both directions.
        requests_per_connection_minute: Runs that one open connection causes each minute.
        capacity_unit_connections_per_s: New connections a second in one load balancer capacity unit.
        capacity_unit_open_connections: Open connections in one load balancer capacity unit.
        capacity_unit_gib_per_hour: Bytes in one load balancer capacity unit.
        wake_hours_per_month: Hours in which a service or machine that may sleep is in use.
        wake_idle_s: Silence after which such a service sleeps.
        operations_per_step: Step Functions transitions, or durable operations, for each step of a long run.
        instance_start_s: Boot of an instance that runs one job, billed.
        instance_root_gib: Disk of an instance besides the workload's temporary disk.
        lambda_alarms: CloudWatch alarms of a Lambda repository.
        fargate_task_alarms: CloudWatch alarms of a Fargate task repository.
        fargate_service_alarms: CloudWatch alarms of a Fargate service repository.
        curve_from: Requests a month where the cost curve begins.
        curve_to: Requests a month where the cost curve ends.
        curve_points_per_decade: Points of the curve for each factor of ten.
    """

    hours_per_month: float = 730
    cpu_bound_share_assumed: float = 1
    utilisation_target: float = 0.6
    peak_headroom: float = 1.5
    critical_min_capacity: float = 2
    lambda_mib_per_vcpu: float = 1769
    lambda_min_scratch: float = 0.5
    fargate_free_storage: float = 20
    task_start_s: float = 30
    task_minimum_billing_s: float = 60
    load_balancer_zones: float = 2
    kib_per_request: float = 10
    requests_per_connection: float = 10
    kib_per_message: float = 1
    messages_per_request: float = 2
    requests_per_connection_minute: float = 2
    capacity_unit_connections_per_s: float = 25
    capacity_unit_open_connections: float = 3000
    capacity_unit_gib_per_hour: float = 1
    wake_hours_per_month: float = 176
    wake_idle_s: float = 900
    operations_per_step: float = 2
    instance_start_s: float = 120
    instance_root_gib: float = 30
    lambda_alarms: float = 3
    fargate_task_alarms: float = 2
    fargate_service_alarms: float = 3
    curve_from: float = 1e4
    curve_to: float = 1e9
    curve_points_per_decade: float = 10

    @classmethod
    def of(cls, policy: Policy) -> CostAssumptions:
        """Return the assumptions with what the policy says in place of the defaults."""
        named = {member.name for member in fields(cls)}
        return cls(**{name: row.value for name, row in policy.assumptions.items() if name in named})
