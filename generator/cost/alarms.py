"""What the CloudWatch alarms of a tier's template cost, traffic or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cost.values import CostPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.assumptions import CostAssumptions
    from generator.cost.values import Basis

__all__ = ["alarm_parts"]

_ALARMS = {
    "grpc-alb": "connection_alarm",
    "grpc-alb-asleep": "sleeping_connection_alarm",
    "http-alb": "request_alarm",
    "http-alb-asleep": "sleeping_request_alarm",
    "http-api": "sleeping_http_alarm",
    "outbound": "outbound_alarm",
    "queue-worker": "queue_worker_alarm",
    "sse-alb": "connection_alarm",
    "sse-alb-asleep": "sleeping_connection_alarm",
    "tcp-dns-asleep": "lookup_alarm",
    "tcp-nlb": "connection_alarm",
    "udp-dns-asleep": "lookup_alarm",
    "websocket-alb": "connection_alarm",
    "websocket-alb-asleep": "sleeping_connection_alarm",
}
"""The variants of a service that have alarms of their own, by how the policy names their number."""


def alarm_parts(tier: str, basis: Basis, *, variant: str = "") -> Iterator[CostPart]:
    """Yield the bill for the alarms of a tier, or of a variant that has others; nothing where none are."""
    count, metrics = _count(tier, variant, basis.assumptions)
    if count:
        yield CostPart(
            name="CloudWatch alarms",
            usd_per_month=metrics * basis.prices.usd("cloudwatch_alarm_month.standard"),
            idle=True,
            resource_type="AWS::CloudWatch::Alarm",
            count=count,
        )


def _count(tier: str, variant: str, assumptions: CostAssumptions) -> tuple[int, int]:
    """Return how many alarms there are, and how many metrics they watch, which is what bills."""
    if tier == "fargate-service" and variant in _ALARMS:
        name = _ALARMS[variant]
        return int(getattr(assumptions, f"{name}s")), int(getattr(assumptions, f"{name}_metrics"))
    by_tier = {
        "lambda": assumptions.lambda_alarms,
        "fargate-task": assumptions.fargate_task_alarms,
        "fargate-service": assumptions.fargate_service_alarms,
    }
    return int(by_tier[tier]), int(by_tier[tier])
