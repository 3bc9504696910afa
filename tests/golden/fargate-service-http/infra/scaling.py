"""How many tasks there are while the service is awake: more when each has too much at work, fewer when each has little.

The first task is started, and the last one ended, by src/wake/. Tasks count once a second how many requests they have
at work; CloudWatch takes the mean once a minute. The alarms that ask for it tell nobody; they set the count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_ecs as ecs

__all__ = ["AT_ONCE", "TAKEN_AT_MOST", "scale"]

SERVICE = "quote-desk"
# None while nobody calls.
MINIMUM = 0
# Ten times the peak that docs/adr/0001-compute-tier.md states.
MAXIMUM = 20
# Requests that one task works on at the same time: more for work that waits, one for work that computes.
AT_ONCE = 4
# Those and the ones that wait in it, until more tasks run; the next one is refused with 503.
TAKEN_AT_MOST = 40
MINUTE = 60
QUIET_MINUTES = 10
# From here on a task has enough to do, and below this too little.
BUSY = 0.7 * AT_ONCE
QUIET = 0.25 * AT_ONCE

# From where to where, counted from the threshold, and by how many percent.
type Change = tuple[float | None, float | None, int]

# A single task has never too little: whether that one is needed is not asked here. CloudWatch has each metric some
# minutes late, and until both are there this has no value, so that the alarm takes the minute before: what is filled in
# would be the latest minute every time.
SPARE = f"IF(tasks > 0 AND in_flight >= 0, IF(tasks > 1, in_flight, {BUSY}))"


def scale(stack: cdk.Stack, environment: str, service: ecs.CfnService) -> None:
    """Let the requests at work decide how many tasks the service has, once it has one.

    Args:
        stack: The deployment.
        environment: Its name.
        service: The service, which has no count of its own.
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
    in_flight = _metric("in_flight", SERVICE, "InFlight", {"service": SERVICE, "environment": environment}, "Average")
    tasks = _metric(
        "tasks",
        "AWS/ECS",
        "CPUUtilization",
        {"ClusterName": service.cluster or "", "ServiceName": service.attr_name},
        # ECS measures each running task once a minute.
        "SampleCount",
    )
    _scale_out(stack, target, in_flight)
    _scale_in(stack, target, [in_flight, tasks])


def _scale_out(
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    in_flight: cloudwatch.CfnAlarm.MetricDataQueryProperty,
) -> None:
    # As many more as have enough to do then: twice as many, five times, ten times.
    steps: list[Change] = [(0, BUSY, 100), (BUSY, 4 * BUSY, 400), (4 * BUSY, None, 900)]
    more = _make_policy(stack, target, "More", steps, cooldown_seconds=3 * MINUTE)
    cloudwatch.CfnAlarm(
        stack,
        "Busy",
        alarm_description="Tasks of quote-desk have much to do: it gets more. Nobody has to do anything.",
        metrics=[in_flight, _expression("in_flight")],
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=BUSY,
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        alarm_actions=[more.attr_arn],
    )


def _scale_in(
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    metrics: list[cloudwatch.CfnAlarm.MetricDataQueryProperty],
) -> None:
    # A quarter at a time; what is left has more to do by a third at most. The pause is longer than CloudWatch takes to
    # see that a task is gone, so that the last one stays.
    fewer = _make_policy(stack, target, "Fewer", [(None, 0, -25)], cooldown_seconds=5 * MINUTE)
    cloudwatch.CfnAlarm(
        stack,
        "Spare",
        alarm_description="Tasks of quote-desk have little to do: it gets fewer. Nobody has to do anything.",
        metrics=[*metrics, _expression(SPARE)],
        comparison_operator="LessThanOrEqualToThreshold",
        threshold=QUIET,
        evaluation_periods=QUIET_MINUTES,
        treat_missing_data="notBreaching",
        alarm_actions=[fewer.attr_arn],
    )


def _make_policy(
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    name: str,
    steps: list[Change],
    cooldown_seconds: int,
) -> scaling.CfnScalingPolicy:
    """Make a policy of steps."""
    return scaling.CfnScalingPolicy(
        stack,
        name,
        policy_name=name,
        policy_type="StepScaling",
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=scaling.CfnScalingPolicy.StepScalingPolicyConfigurationProperty(
            adjustment_type="PercentChangeInCapacity",
            # A share of few tasks is less than one.
            min_adjustment_magnitude=1,
            cooldown=cooldown_seconds,
            metric_aggregation_type="Average",
            step_adjustments=[
                scaling.CfnScalingPolicy.StepAdjustmentProperty(
                    metric_interval_lower_bound=begin,
                    metric_interval_upper_bound=end,
                    scaling_adjustment=percent,
                )
                for begin, end, percent in steps
            ],
        ),
    )


def _metric(
    name: str, namespace: str, metric: str, dimensions: dict[str, str], statistic: str
) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id=name,
        return_data=False,
        metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
            metric=cloudwatch.CfnAlarm.MetricProperty(
                namespace=namespace,
                metric_name=metric,
                dimensions=[
                    cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value) for key, value in dimensions.items()
                ],
            ),
            period=MINUTE,
            stat=statistic,
        ),
    )


def _expression(text: str) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(id="value", expression=text, return_data=True)
