"""What the CloudWatch alarms of a tier's template cost, traffic or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cost.values import CostPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cost.assumptions import CostAssumptions
    from generator.cost.values import Basis

__all__ = ["alarm_parts"]


def alarm_parts(tier: str, basis: Basis) -> Iterator[CostPart]:
    """Yield the bill for a tier's alarms; nothing for a tier without any."""
    if count := _count(tier, basis.assumptions):
        yield CostPart(
            name="CloudWatch alarms",
            usd_per_month=count * basis.prices.usd("cloudwatch_alarm_month.standard"),
            idle=True,
            resource_type="AWS::CloudWatch::Alarm",
            count=count,
        )


def _count(tier: str, assumptions: CostAssumptions) -> int:
    by_tier = {
        "lambda": assumptions.lambda_alarms,
        "fargate-task": assumptions.fargate_task_alarms,
        "fargate-service": assumptions.fargate_service_alarms,
    }
    return int(by_tier[tier])
