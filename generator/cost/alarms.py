"""What the CloudWatch alarms of a tier's template cost, traffic or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cost.values import CostPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.assumptions import CostAssumptions
    from generator.cost.values import Basis

__all__ = ["alarm_parts"]


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
    match tier, variant:
        case "fargate-service", "queue-worker":
            return int(assumptions.queue_worker_alarms), int(assumptions.queue_worker_alarm_metrics)
        case "fargate-service", "outbound":
            return int(assumptions.outbound_alarms), int(assumptions.outbound_alarm_metrics)
        case "fargate-service", "http-api":
            return int(assumptions.sleeping_http_alarms), int(assumptions.sleeping_http_alarm_metrics)
        case "fargate-service", "websocket-alb" | "tcp-nlb":
            return int(assumptions.connection_alarms), int(assumptions.connection_alarm_metrics)
        case "fargate-service", "websocket-alb-asleep":
            return (
                int(assumptions.sleeping_connection_alarms),
                int(assumptions.sleeping_connection_alarm_metrics),
            )
    by_tier = {
        "lambda": assumptions.lambda_alarms,
        "fargate-task": assumptions.fargate_task_alarms,
        "fargate-service": assumptions.fargate_service_alarms,
    }
    return int(by_tier[tier]), int(by_tier[tier])
