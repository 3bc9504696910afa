"""How a function takes messages from a queue: how many at once, for how long, on how many functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.policy_model import Policy
    from generator.sizing import Size
    from generator.workload import Workload

__all__ = ["Batching", "batching_of"]

_MS_PER_SECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """The settings of a queue and of the function that works it off.

    Attributes:
        batch_size: Messages of one invocation, at most.
        window_seconds: How long a batch may wait to fill.
        timeout_seconds: A whole batch of the slowest messages.
        visibility_timeout_seconds: How long a message that was handed out is hidden from the next one.
        old_after_seconds: The age at which a waiting message means that the work is not keeping up.
        maximum_concurrency: Invocations at once that what the function calls can take; `None` for no cap.
    """

    batch_size: int
    window_seconds: int
    timeout_seconds: int
    visibility_timeout_seconds: int
    old_after_seconds: int
    maximum_concurrency: int | None


def batching_of(workload: Workload, size: Size, policy: Policy) -> Batching:
    """Return batches of about a second of work, of which the slowest still fits in one invocation."""
    slowest = size.timeout_seconds or 1
    average = workload.avg_run_ms or _MS_PER_SECOND
    about_a_second = int(policy.number("queue_batch_s") * _MS_PER_SECOND / average)
    in_one_invocation = int(policy.bound("lambda.duration") // slowest)
    batch_size = max(1, min(int(policy.number("queue_batch_most")), about_a_second, in_one_invocation))
    timeout = batch_size * slowest
    visibility = int(policy.number("queue_visibility_factor")) * timeout
    return Batching(
        batch_size=batch_size,
        window_seconds=int(batch_size > policy.number("queue_batch_without_window")),
        timeout_seconds=timeout,
        visibility_timeout_seconds=visibility,
        old_after_seconds=max(int(policy.number("queue_old_s")), 2 * visibility),
        maximum_concurrency=workload.downstream_concurrency,
    )
