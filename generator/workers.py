"""How a service works off a queue: how many tasks, how many messages each takes, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from generator.concurrency import concurrency_of

if TYPE_CHECKING:
    from generator.policy_model import Policy
    from generator.workload import Workload

__all__ = ["Workers", "workers_of"]

_MS_PER_SECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """The settings of the tasks that work off a queue, and of what scales them.

    Attributes:
        minimum: Tasks that always run.
        maximum: Tasks that the busiest second that nothing may cap needs.
        at_once: Messages that one task works on at the same time.
        backlog_per_task: Waiting messages of each task that it works off as soon as one may wait.
        message_seconds_at_most: After how long the work on one message counts as hanging.
        old_after_seconds: The age at which a waiting message means that the work is not keeping up.
    """

    minimum: int
    maximum: int
    at_once: int
    backlog_per_task: int
    message_seconds_at_most: int
    old_after_seconds: int


def workers_of(workload: Workload, *, minimum: int, peak_concurrency: int, policy: Policy) -> Workers:
    """Return as many tasks as ten times the peak needs, unless what they call takes fewer messages at once.

    Args:
        workload: How long messages take.
        minimum: Tasks that always run.
        peak_concurrency: Messages at work in the busiest second that was stated.
        policy: The settings.
    """
    most = int(policy.number("worker_at_once_most"))
    found = concurrency_of(
        workload, most=most, minimum=minimum, peak_concurrency=peak_concurrency, policy=policy
    )
    average_seconds = (workload.avg_run_ms or _MS_PER_SECOND) / _MS_PER_SECOND
    slowest = workload.longest_run_s or policy.bound("lambda.duration")
    hangs_after = ceil(
        min(policy.number("worker_hang_factor") * slowest, policy.number("sqs_longest_hidden_s"))
    )
    return Workers(
        minimum=minimum,
        maximum=found.tasks,
        at_once=found.at_once,
        backlog_per_task=max(1, int(policy.number("worker_wait_s") * found.at_once / average_seconds)),
        message_seconds_at_most=hangs_after,
        old_after_seconds=max(int(policy.number("queue_old_s")), 2 * hangs_after),
    )
