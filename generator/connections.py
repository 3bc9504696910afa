"""How a service holds connections or calls: how many tasks, and how many of them each takes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from generator.concurrency import busy_share

if TYPE_CHECKING:
    from generator.policy_model import Policy
    from generator.sizing import Size
    from generator.traffic import Traffic
    from generator.workload import Workload

__all__ = ["Connections", "connections_of", "tasks_at_spike"]

_MS_PER_SECOND = 1000
_KIB_PER_MIB = 1024
_MINUTES_PER_SECOND = 1 / 60
_A_CALL_EACH = "grpc_unary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """The settings of the tasks that hold connections or calls of gRPC, and of what scales them.

    Attributes:
        minimum: Tasks that always run.
        maximum: Tasks that ten times the peak needs, of connections or calls and of messages.
        per_task: Connections or calls that one task holds: memory has room, and no call waits for long.
        peak: Connections or calls in the busiest minute that was stated.
        at_once: Messages that one task works on at the same time.
        message_kib: The largest message.
    """

    minimum: int
    maximum: int
    per_task: int
    peak: int
    at_once: int
    message_kib: int


def connections_of(
    workload: Workload, size: Size, traffic: Traffic, *, minimum: int, policy: Policy
) -> Connections:
    """Return as many tasks as ten times the peak needs.

    Args:
        workload: How large and how dear messages are.
        size: What one task gets.
        traffic: Messages in the busiest second, and on the mean.
        minimum: Tasks that always run.
        policy: The settings.
    """
    message_kib = _message_kib(workload, policy)
    # What a connection takes while it is silent, and one message that waits to be sent or to be worked on.
    each_kib = policy.number("connection_kib") + 2 * message_kib
    free_kib = (size.memory_mib - policy.number("server_mib")) * _KIB_PER_MIB
    per_task = max(1, min(int(policy.number("connections_per_task_most")), int(free_kib / each_kib)))
    share = busy_share(workload, policy)
    at_once = max(1, min(int(policy.number("serving_at_once_most")), ceil(size.vcpu / share)))
    if workload.protocol == _A_CALL_EACH:
        # More calls than that would wait for longer than their callers do.
        per_task = min(per_task, int(policy.number("serving_waiting_factor")) * at_once)
        peak = max(1, traffic.peak_concurrency)
    else:
        # The mean in a minute, on connections that send so often.
        sends_per_second = policy.number("requests_per_connection_minute") * _MINUTES_PER_SECOND
        peak = max(1, ceil(traffic.peak_per_second / sends_per_second))
    seconds = (workload.avg_run_ms or 0) / _MS_PER_SECOND * share
    offered = size.vcpu * policy.number("utilisation_target")
    spike = policy.number("spike_factor")
    wanted = max(ceil(spike * peak / per_task), ceil(spike * traffic.peak_per_second * seconds / offered))
    return Connections(
        minimum=minimum,
        maximum=max(wanted, minimum, 1),
        per_task=per_task,
        peak=peak,
        at_once=at_once,
        message_kib=message_kib,
    )


def tasks_at_spike(workload: Workload, size: Size, traffic: Traffic, policy: Policy) -> int | None:
    """Return the tasks that ten times the peak needs, where clients connect to them."""
    if workload.trigger != "connection_in":
        return None
    return connections_of(workload, size, traffic, minimum=0, policy=policy).maximum


def _message_kib(workload: Workload, policy: Policy) -> int:
    """Return the largest message, which for a call each is its request or its response."""
    body_kib = max(workload.request_mb or 0, workload.response_mb or 0) * _KIB_PER_MIB
    return ceil(workload.message_kb or body_kib or policy.number("message_kib_assumed"))
