"""How a service answers requests: on how many tasks, how many at once in each, how many wait."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from generator.concurrency import concurrency_of

if TYPE_CHECKING:
    from generator.policy_model import Policy
    from generator.sizing import Size
    from generator.workload import Workload

__all__ = ["Serving", "serving_of"]

_BYTES_PER_MB = 1_000_000
_BYTES_PER_MIB = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The settings of the tasks that answer requests, and of what scales them.

    Attributes:
        minimum: Tasks that always run.
        maximum: Tasks that the busiest second that nothing may cap needs.
        at_once: Requests that one task works on at the same time.
        taken_at_most: Requests that one task has at most, at work or waiting, as its memory has room for; the
            next one is refused.
        seconds_at_most: After how long a request is given up, because its caller does not wait for longer.
        body_bytes: The largest body that was stated.
    """

    minimum: int
    maximum: int
    at_once: int
    taken_at_most: int
    seconds_at_most: int
    body_bytes: int


def serving_of(  # noqa: PLR0913  what a decision knows of those who answer requests
    workload: Workload, size: Size, *, minimum: int, peak_concurrency: int, is_balanced: bool, policy: Policy
) -> Serving:
    """Return as many tasks as ten times the peak needs, unless what they call takes fewer requests at once.

    Args:
        workload: How much of their time requests compute, and how large they are.
        size: What one task gets.
        minimum: Tasks that always run.
        peak_concurrency: Requests at work in the busiest second that was stated.
        is_balanced: Whether a load balancer passes them on, which waits for as long as it is told.
        policy: The settings.
    """
    body_bytes = ceil((workload.request_mb or policy.number("http_api_payload_mb")) * _BYTES_PER_MB)
    # Each body is there twice while it is read: as it came, and as what it says.
    free_bytes = (size.memory_mib - policy.number("server_mib")) * _BYTES_PER_MIB
    room = max(1, int(free_bytes / (2 * body_bytes)))
    waiting_factor = int(policy.number("serving_waiting_factor"))
    most = max(1, min(int(policy.number("serving_at_once_most")), room // waiting_factor))
    found = concurrency_of(
        workload, most=most, minimum=minimum, peak_concurrency=peak_concurrency, policy=policy
    )
    return Serving(
        minimum=minimum,
        maximum=found.tasks,
        at_once=found.at_once,
        taken_at_most=min(waiting_factor * found.at_once, room),
        seconds_at_most=_seconds_at_most(workload, policy, is_balanced=is_balanced),
        body_bytes=body_bytes,
    )


def _seconds_at_most(workload: Workload, policy: Policy, *, is_balanced: bool) -> int:
    gateway_waits = int(policy.number("http_api_timeout_s"))
    if is_balanced:
        return ceil(workload.longest_run_s or gateway_waits) + int(policy.number("serving_margin_s"))
    # A second less than API Gateway waits: so the caller learns of it from the service.
    return gateway_waits - 1
