"""How many tasks there are: more when they have their hands full, through alarms whose steps stand here.

Every task hears every message, and works on those that no other has claimed: with more tasks each has less to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_ecs as ecs

__all__ = ["AT_ONCE", "scale"]

# docs/adr/{{ record_file }} says why, and what the tasks cost that always run. Ten times the stated peak fits under the
# maximum{{ ", or what the work calls can take" if downstream_concurrency else "" }}.
MINIMUM, MAXIMUM = {{ decision.subscription.minimum }}, {{ decision.subscription.maximum }}
# Messages that one task works on at the same time: more for work that waits, one for work that computes.
AT_ONCE = {{ decision.subscription.at_once }}
# The share of its time in which a task works on messages, as many as it may.
BUSY_PERCENT, CALM_PERCENT = 60, 20
MINUTE = 60
QUIET_MINUTES = 15


def scale(stack: cdk.Stack, service: ecs.CfnService, environment: str) -> None:
    """Let work decide how many tasks the service has.

    Args:
        stack: The deployment.
        service: The service, which has no count of its own.
        environment: Whose work is counted.
    """
    target = scaling.CfnScalableTarget(
        stack,
        "Tasks",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=f"service/{service.cluster}/{service.attr_name}",
        min_capacity=MINIMUM,
        max_capacity=MAXIMUM,
    )
    # Shares of what there is, so that a spike is met in minutes however large the service is. A task takes two to start.
    more = _make_policy(stack, target, "More", [(0, 50), (25, 200)], cooldown_seconds=2 * MINUTE)
    _make_alarm(stack, "Busy", environment, "GreaterThanOrEqualToThreshold", BUSY_PERCENT, minutes=1, policy=more)
    # What a task that ends has heard is settled by itself or by the others; but each start hears again from the position.
    fewer = _make_policy(stack, target, "Fewer", [(None, -10)], cooldown_seconds=5 * MINUTE)
    _make_alarm(stack, "Calm", environment, "LessThanThreshold", CALM_PERCENT, minutes=QUIET_MINUTES, policy=fewer)


def _make_policy(
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    name: str,
    steps: list[tuple[int | None, int]],
    cooldown_seconds: int,
) -> scaling.CfnScalingPolicy:
    """Make a policy of steps, each a share of the tasks from where it begins beside the threshold to where the next does."""
    ends = [begin for begin, _ in steps[1:]]
    return scaling.CfnScalingPolicy(
        stack,
        name,
        policy_name=name,
        policy_type="StepScaling",
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=scaling.CfnScalingPolicy.StepScalingPolicyConfigurationProperty(
            adjustment_type="PercentChangeInCapacity",
            min_adjustment_magnitude=1,
            cooldown=cooldown_seconds,
            metric_aggregation_type="Average",
            step_adjustments=[
                scaling.CfnScalingPolicy.StepAdjustmentProperty(
                    metric_interval_lower_bound=begin,
                    # Below a threshold the distance is negative.
                    metric_interval_upper_bound=0 if begin is None else end,
                    scaling_adjustment=adjustment,
                )
                for (begin, adjustment), end in zip(steps, [*ends, None], strict=True)
            ],
        ),
    )


def _make_alarm(  # noqa: PLR0913  what an alarm that scales consists of
    stack: cdk.Stack,
    name: str,
    environment: str,
    comparison: str,
    threshold: float,
    *,
    minutes: int,
    policy: scaling.CfnScalingPolicy,
) -> None:
    cloudwatch.CfnAlarm(
        stack,
        name,
        alarm_description="It sets the number of tasks of {{ project_name }}. Nobody has to do anything.",
        namespace="{{ project_name }}",
        metric_name="Busy",
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name="service", value="{{ project_name }}"),
            cloudwatch.CfnAlarm.DimensionProperty(name="environment", value=environment),
        ],
        # Each task says its own share once a minute: the mean is that of one task.
        statistic="Average",
        period=MINUTE,
        comparison_operator=comparison,
        threshold=threshold,
        evaluation_periods=minutes,
        treat_missing_data="notBreaching",
        alarm_actions=[policy.attr_arn],
    )
