"""How a workload takes its work: a function in batches, a service on tasks that work it off or answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from generator.batching import batching_of
from generator.connections import connections_of
from generator.serving import serving_of
from generator.subscription import subscription_of
from generator.workers import workers_of

if TYPE_CHECKING:
    from generator.batching import Batching
    from generator.compliance import ScaleToZero
    from generator.connections import Connections
    from generator.policy_model import Policy
    from generator.serving import Serving
    from generator.sizing import Size
    from generator.subscription import Subscription
    from generator.traffic import Traffic
    from generator.workers import Workers
    from generator.workload import Workload

__all__ = ["Intake", "intake_of"]


class Intake(TypedDict):
    """How work is taken; at most one of them, because a task of its own takes one thing at a time."""

    batching: Batching | None
    workers: Workers | None
    connections: Connections | None
    serving: Serving | None
    subscription: Subscription | None


def intake_of(  # noqa: PLR0913, PLR0917  what a decision knows when it comes to taking work
    place: tuple[str | None, str],
    workload: Workload,
    size: Size,
    scaling: ScaleToZero,
    traffic: Traffic,
    policy: Policy,
) -> Intake:
    """Return how work is taken.

    Args:
        place: The tier and the name of the event source.
        workload: How long each piece takes.
        size: What one environment or task gets.
        scaling: How many tasks always run.
        traffic: How many pieces are at work in the busiest second that was stated.
        policy: The settings.
    """
    in_batches = place in {("lambda", "queue"), ("lambda", "stream")}
    by_workers = place == ("fargate-service", "queue")
    over_connections = place in {
        ("fargate-service", name) for name in ("connections", "grpc", "lookup", "sse", "tcp", "udp")
    }
    by_servers = place in {("fargate-service", "http"), ("fargate-service", "requests")}
    is_balanced = place == ("fargate-service", "requests")
    by_subscribers = place == ("fargate-service", "outbound")
    minimum, peak = scaling.min_capacity, traffic.peak_concurrency
    return {
        "batching": batching_of(workload, size, policy) if in_batches else None,
        "workers": workers_of(workload, minimum=minimum, peak_concurrency=peak, policy=policy)
        if by_workers
        else None,
        "connections": connections_of(workload, size, traffic, minimum=minimum, policy=policy)
        if over_connections
        else None,
        "serving": serving_of(
            workload, size, minimum=minimum, peak_concurrency=peak, is_balanced=is_balanced, policy=policy
        )
        if by_servers
        else None,
        "subscription": subscription_of(workload, size, minimum=minimum, peak_concurrency=peak, policy=policy)
        if by_subscribers
        else None,
    }
