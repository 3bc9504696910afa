"""How many tasks there are while the service is awake: requests and processor use set the number, by steps.

The first task is started, and the last one ended, by waking.py.

A target would be simpler to write, but it makes alarms of its own, which no template shows and nobody prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_ecs as ecs
    from front import Front

__all__ = ["AT_ONCE", "TAKEN_AT_MOST", "scale"]

# docs/adr/0001-compute-tier.md says why: none while no request is at work, and ten times the stated peak fits under the maximum.
MINIMUM, MAXIMUM = 0, 10
# Requests that one task works on at the same time: more for work that waits, one for work that computes.
AT_ONCE = 4
# Those and the ones that wait in it, as far as memory has room for their bodies, until more tasks run; the next one is
# refused with 503.
TAKEN_AT_MOST = 40
CROWDED, ROOMY = 0.7 * AT_ONCE, 0.25 * AT_ONCE
BUSY_PERCENT, CALM_PERCENT = 60, 25
MINUTE = 60
QUIET_MINUTES = 15


def scale(stack: cdk.Stack, service: ecs.CfnService, front: Front, environment: str) -> scaling.CfnScalableTarget:
    """Let requests and processor use decide how many tasks the service has, once it has one; return what is scaled.

    Args:
        stack: The deployment.
        service: The service, which has no count of its own.
        front: What counts the tasks that requests are passed on to.
        environment: Whose requests are counted.
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
    in_flight = _metric("in_flight", "list-desk", "InFlight", _own(environment))
    processor = _metric("processor", "AWS/ECS", "CPUUtilization", _of(service))
    # Shares of what there is, so that a crowd is met in minutes however large the service is. A task takes two to start.
    # A task with more to do than it works on lets it wait: from twice as many tasks to ten times.
    crowd: list[tuple[float, int]] = [(0, 100), (CROWDED, 400), (4 * CROWDED, 900)]
    crowded = _make_policy(stack, target, "MoreForRequests", crowd, cooldown_seconds=2 * MINUTE)
    _make_alarm(stack, "Crowded", [in_flight], threshold=CROWDED, minutes=1, policy=crowded)
    busy = _make_policy(stack, target, "MoreForWork", [(0, 50), (25, 200)], cooldown_seconds=2 * MINUTE)
    _make_alarm(stack, "Busy", [processor], threshold=BUSY_PERCENT, minutes=1, policy=busy)
    # A task that ends takes as long as what it has, and spikes come back: so tasks end late and few at a time.
    fewer = _make_policy(stack, target, "Fewer", [(0, -10)], cooldown_seconds=5 * MINUTE)
    # CloudWatch has each metric some minutes late. Until all are there this has no value, and the alarm takes the minute
    # before: what is filled in, or taken for 0, would be the latest minute every time.
    # The last task is not for this to end, however little it has to do.
    healthy = _metric("healthy", "AWS/ApplicationELB", "HealthyHostCount", _behind(front))
    known = "healthy > 0 AND in_flight >= 0 AND processor >= 0"
    quiet = f"IF({known}, IF(healthy > 1 AND in_flight < {ROOMY} AND processor < {CALM_PERCENT}, 1, 0))"
    _make_alarm(
        stack,
        "Roomy",
        [healthy, in_flight, processor, _expression(quiet)],
        threshold=1,
        minutes=QUIET_MINUTES,
        policy=fewer,
    )
    return target


def _make_policy(
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    name: str,
    steps: list[tuple[float, int]],
    cooldown_seconds: int,
) -> scaling.CfnScalingPolicy:
    """Make a policy of steps, each a share of the tasks from where it begins above the threshold to where the next does."""
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
            metric_aggregation_type="Maximum",
            step_adjustments=[
                scaling.CfnScalingPolicy.StepAdjustmentProperty(
                    metric_interval_lower_bound=begin,
                    metric_interval_upper_bound=end,
                    scaling_adjustment=adjustment,
                )
                for (begin, adjustment), end in zip(steps, [*ends, None], strict=True)
            ],
        ),
    )


def _make_alarm(  # noqa: PLR0913  what an alarm that scales consists of
    stack: cdk.Stack,
    name: str,
    metrics: list[cloudwatch.CfnAlarm.MetricDataQueryProperty],
    *,
    threshold: float,
    minutes: int,
    policy: scaling.CfnScalingPolicy,
) -> None:
    cloudwatch.CfnAlarm(
        stack,
        name,
        alarm_description="It sets the number of tasks of list-desk. Nobody has to do anything.",
        metrics=[*metrics[:-1], _returned(metrics[-1])],
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=threshold,
        evaluation_periods=minutes,
        treat_missing_data="notBreaching",
        alarm_actions=[policy.attr_arn],
    )


def _metric(
    name: str,
    namespace: str,
    metric_name: str,
    dimensions: list[cloudwatch.CfnAlarm.DimensionProperty],
) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id=name,
        metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
            metric=cloudwatch.CfnAlarm.MetricProperty(
                namespace=namespace,
                metric_name=metric_name,
                dimensions=dimensions,
            ),
            # Each task says its own number once a minute: the mean is that of one task.
            stat="Average",
            period=MINUTE,
        ),
        return_data=False,
    )


def _expression(text: str) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(id="asked", expression=text, return_data=True)


def _returned(metric: cloudwatch.CfnAlarm.MetricDataQueryProperty) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id=metric.id,
        expression=metric.expression,
        metric_stat=metric.metric_stat,
        return_data=True,
    )


def _own(environment: str) -> list[cloudwatch.CfnAlarm.DimensionProperty]:
    return [
        cloudwatch.CfnAlarm.DimensionProperty(name="service", value="list-desk"),
        cloudwatch.CfnAlarm.DimensionProperty(name="environment", value=environment),
    ]


def _of(service: ecs.CfnService) -> list[cloudwatch.CfnAlarm.DimensionProperty]:
    return [
        cloudwatch.CfnAlarm.DimensionProperty(name="ClusterName", value=service.cluster),
        cloudwatch.CfnAlarm.DimensionProperty(name="ServiceName", value=service.attr_name),
    ]


def _behind(front: Front) -> list[cloudwatch.CfnAlarm.DimensionProperty]:
    group = front.targets.attr_target_group_full_name
    return [
        cloudwatch.CfnAlarm.DimensionProperty(name="LoadBalancer", value=front.balancer),
        cloudwatch.CfnAlarm.DimensionProperty(name="TargetGroup", value=group),
    ]
