"""How a service holds its own connection: how many tasks listen, and how many messages each may have."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from generator.concurrency import concurrency_of

if TYPE_CHECKING:
    from generator.policy_model import Policy
    from generator.sizing import Size
    from generator.workload import Workload

__all__ = ["Subscription", "subscription_of"]

_KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """The settings of the tasks that hold a connection to others, and of what scales them.

    Attributes:
        minimum: Tasks that always run.
        maximum: Tasks that the busiest second that nothing may cap needs.
        at_once: Messages that one task works on at the same time.
        held_at_most: Messages that one task has at most, at work or waiting; then it stops reading.
        message_kib: The largest message.
        message_seconds_at_most: After how long the work on one message counts as hanging.
    """

    minimum: int
    maximum: int
    at_once: int
    held_at_most: int
    message_kib: int
    message_seconds_at_most: int


def subscription_of(
    workload: Workload, size: Size, *, minimum: int, peak_concurrency: int, policy: Policy
) -> Subscription:
    """Return as many tasks as ten times the peak needs, unless what they call takes fewer messages at once.

    Args:
        workload: How large messages are, and how long they take.
        size: What one task gets.
        minimum: Tasks that always run.
        peak_concurrency: Messages at work in the busiest second that was stated.
        policy: The settings.
    """
    most = int(policy.number("worker_at_once_most"))
    found = concurrency_of(
        workload, most=most, minimum=minimum, peak_concurrency=peak_concurrency, policy=policy
    )
    message_kib = ceil(workload.message_kb or policy.number("message_kib_assumed"))
    # Half of what is free: the work itself has the other half.
    free_kib = (size.memory_mib - policy.number("server_mib")) * _KIB_PER_MIB / 2
    held = int(free_kib / (message_kib + policy.number("held_message_kib")))
    slowest = workload.longest_run_s or policy.bound("lambda.duration")
    return Subscription(
        minimum=minimum,
        maximum=found.tasks,
        at_once=found.at_once,
        held_at_most=max(found.at_once, min(int(policy.number("held_messages_most")), held)),
        message_kib=message_kib,
        message_seconds_at_most=ceil(policy.number("worker_hang_factor") * slowest),
    )
