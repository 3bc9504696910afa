"""What the cost model assumes where the workload does not say, as the policy states it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from generator.errors import PolicyFileError

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
        serving_margin_s: By how much a load balancer outlasts a task, and that the longest request.
        operations_per_step: Step Functions transitions, or durable operations, for each step of a long run.
        instance_start_s: Boot of an instance that runs one job, billed.
        instance_root_gib: Disk of an instance besides the workload's temporary disk.
        lambda_alarms: CloudWatch alarms of a Lambda repository.
        fargate_task_alarms: CloudWatch alarms of a Fargate task repository.
        fargate_service_alarms: CloudWatch alarms of a Fargate service repository.
        sleeping_http_alarms: CloudWatch alarms of a service that answers requests and sleeps.
        sleeping_http_alarm_metrics: Metrics that these alarms watch together.
        watch_calls: Looks at such a service, to put it to sleep.
        watch_gb_s: Memory and time of Lambda that each look takes.
        queue_worker_alarms: CloudWatch alarms of a service that works off a queue, with those that scale.
        queue_worker_alarm_metrics: Metrics that these alarms watch together.
        outbound_alarms: CloudWatch alarms of a service that holds its own connections, with those that scale.
        outbound_alarm_metrics: Metrics that these alarms watch together.
        connection_alarms: CloudWatch alarms of a service that holds connections or calls.
        connection_alarm_metrics: Metrics that these alarms watch together.
        sleeping_connection_alarms: CloudWatch alarms of one that sleeps while there are none.
        sleeping_connection_alarm_metrics: Metrics that these alarms watch together.
        request_alarms: CloudWatch alarms of a service that a load balancer passes requests on to.
        request_alarm_metrics: Metrics that these alarms watch together.
        lookup_alarms: CloudWatch alarms of a service that the look-up of its name wakes.
        lookup_alarm_metrics: Metrics that these alarms watch together.
        sleeping_request_alarms: CloudWatch alarms of such a service that sleeps.
        sleeping_request_alarm_metrics: Metrics that these alarms watch together.
        curve_from: Requests a month where the cost curve begins.
        curve_to: Requests a month where the cost curve ends.
        curve_points_per_decade: Points of the curve for each factor of ten.
    """

    hours_per_month: float
    cpu_bound_share_assumed: float
    utilisation_target: float
    peak_headroom: float
    critical_min_capacity: float
    lambda_mib_per_vcpu: float
    lambda_min_scratch: float
    fargate_free_storage: float
    task_start_s: float
    task_minimum_billing_s: float
    load_balancer_zones: float
    kib_per_request: float
    requests_per_connection: float
    kib_per_message: float
    messages_per_request: float
    requests_per_connection_minute: float
    capacity_unit_connections_per_s: float
    capacity_unit_open_connections: float
    capacity_unit_gib_per_hour: float
    wake_hours_per_month: float
    wake_idle_s: float
    serving_margin_s: float
    operations_per_step: float
    instance_start_s: float
    instance_root_gib: float
    lambda_alarms: float
    fargate_task_alarms: float
    fargate_service_alarms: float
    sleeping_http_alarms: float
    sleeping_http_alarm_metrics: float
    watch_calls: float
    watch_gb_s: float
    queue_worker_alarms: float
    queue_worker_alarm_metrics: float
    outbound_alarms: float
    outbound_alarm_metrics: float
    connection_alarms: float
    connection_alarm_metrics: float
    sleeping_connection_alarms: float
    sleeping_connection_alarm_metrics: float
    request_alarms: float
    request_alarm_metrics: float
    lookup_alarms: float
    lookup_alarm_metrics: float
    sleeping_request_alarms: float
    sleeping_request_alarm_metrics: float
    curve_from: float
    curve_to: float
    curve_points_per_decade: float

    @classmethod
    def of(cls, policy: Policy) -> CostAssumptions:
        """Return the assumptions of a policy.

        Raises:
            PolicyFileError: A number is one that no formula can use.
        """
        values = {member.name: policy.number(member.name) for member in fields(cls)}
        for name, value in values.items():
            least = "above" if name in _DIVISORS else "at least"
            if value < 0 or (value == 0 and name in _DIVISORS):
                raise PolicyFileError("in use", "assumptions", name, f"{value:g} is not {least} 0")
        return cls(**values)


_DIVISORS = frozenset(
    {
        "utilisation_target",
        "lambda_mib_per_vcpu",
        "requests_per_connection",
        "requests_per_connection_minute",
        "capacity_unit_connections_per_s",
        "capacity_unit_open_connections",
        "capacity_unit_gib_per_hour",
        "hours_per_month",
        "wake_hours_per_month",
        "curve_from",
        "curve_to",
        "curve_points_per_decade",
    }
)
