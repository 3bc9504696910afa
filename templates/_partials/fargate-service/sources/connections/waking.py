"""What wakes the service and puts it to sleep: alarms, and policies that start the first task and end the last.

{% block intro %}
Without a task the load balancer refuses clients with 503 by itself, and counts them: that wakes the service. Tasks say
for how long nobody has been connected: that puts it to sleep. Auto Scaling asks again every minute, and of two answers
at the same time it takes the larger number of tasks, so whoever comes while the service falls asleep wakes it.
{% endblock %}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

if TYPE_CHECKING:
    from aws_cdk import aws_ecs as ecs
    from front import Front

__all__ = ["make_waking"]

SERVICE = "{{ project_name }}"
MINUTE = 60
# After so long with {% block nobody %}nobody connected{% endblock %} it sleeps; docs/adr/{{ record_file }} has a price that assumes it.
QUIET_MINUTES = 15
# It is not woken again before. That is less than it is awake in any case, so only a start that failed is waited for; and
# more than a failure is remembered, so that nothing starts what is just being given up.
PAUSE_MINUTES = 12
# So many tasks that end by themselves, while none keeps running, are a start that failed.
FAILED_TASKS, FAILED_MINUTES = 3, 10
# Clients that are still refused in so many of ten minutes are not waited for: somebody has to look.
REFUSED_MINUTES = 8

# The load balancer counts tasks at any time, and refusals where there are some.
REFUSED = "IF(FILL(healthy, 0) < 1, FILL(refused, 0), 0)"
FAILED = "IF(FILL(healthy, 0) < 1, FILL(failed, 0), 0)"
{% block expressions %}{% endblock %}


def make_waking(  # noqa: PLR0913, PLR0917  what waking has to do with
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    service: ecs.CfnService,
    front: Front,
    environment: str,
    topics: list[str],
) -> None:
    """Start a task when clients are refused, and end the last one when {% block deserted %}nobody is connected{% endblock %} or none keeps running.

    Args:
        stack: The deployment.
        target: The number of tasks.
        service: The one service that is started and stopped.
        front: The load balancer that refuses clients.
        environment: Whose {% block what %}connections{% endblock %} are counted.
        topics: Who is told of a start that failed.
    """
    balancer = {"LoadBalancer": front.balancer}
    group = {**balancer, "TargetGroup": front.targets.attr_target_group_full_name}
    refused = _metric("refused", "AWS/ApplicationELB", "HTTPCode_ELB_503_Count", balancer, "Sum")
    healthy = _metric("healthy", "AWS/ApplicationELB", "HealthyHostCount", group, "Maximum")
    wake = _make_policy(stack, target, "Wake", "ChangeInCapacity", 1, pause_minutes=PAUSE_MINUTES)
    sleep = _make_policy(stack, target, "Sleep", "ExactCapacity", 0, pause_minutes=1)
    _make_alarm(
        stack,
        "Wanted",
        "Clients find {{ project_name }} asleep: it gets a task. Nobody has to do anything.",
        [healthy, refused, _expression(REFUSED)],
        threshold=1,
        # What is counted comes late by some minutes, and until then counts as nothing.
        minutes=(1, 5),
        actions=[wake.attr_arn],
    )
    own = {"service": SERVICE, "environment": environment}
{% block sleep %}
    _make_alarm(
        stack,
        "Deserted",
        "Nobody is connected to {{ project_name }}: it sleeps. Nobody has to do anything.",
        # Of several tasks the one whose last client left last; a task that ends says 0.
        [_returned(_metric("quiet", SERVICE, "Quiet", own, "Minimum"))],
        threshold=QUIET_MINUTES * MINUTE,
        minutes=(1, 1),
        actions=[sleep.attr_arn],
    )
{% endblock %}
    period = FAILED_MINUTES * MINUTE
    failed = {"RuleName": _make_failures(stack, service).rule_name}
    _make_alarm(
        stack,
        "StartFailed",
        "Tasks of {{ project_name }} do not start or do not keep running: it was put to sleep. A queue says why.",
        [
            _metric("healthy", "AWS/ApplicationELB", "HealthyHostCount", group, "Average", period),
            _metric("failed", "AWS/Events", "TriggeredRules", failed, "Sum", period),
            _expression(FAILED),
        ],
        threshold=FAILED_TASKS,
        minutes=(1, 1),
        actions=[sleep.attr_arn, *topics],
    )
    _make_alarm(
        stack,
        "NotWoken",
        "Clients of {{ project_name }} are refused, and no task comes: look at the events of its service in ECS.",
        [_returned(refused)],
        threshold=1,
        minutes=(REFUSED_MINUTES, 10),
        actions=topics,
    )


def _make_failures(stack: cdk.Stack, service: ecs.CfnService) -> events.Rule:
    cluster = stack.format_arn(service="ecs", resource="cluster", resource_name=service.cluster or "")
    rule = events.Rule(
        stack,
        "FailedTasks",
        description="A task of {{ project_name }} ended, and nobody had told it to.",
        event_pattern=events.EventPattern(
            source=["aws.ecs"],
            detail_type=["ECS Task State Change"],
            detail={
                "clusterArn": [cluster],
                "group": [f"service:{service.attr_name}"],
                "lastStatus": ["STOPPED"],
                "$or": [
                    {"stopCode": ["EssentialContainerExited", "TaskFailedToStart"]},
                    {"stoppedReason": [{"prefix": "Task failed ELB health checks"}]},
                ],
            },
        ),
        targets=[targets.SqsQueue(_make_records(stack))],
    )
    cdk.Validations.of(rule).acknowledge(
        cdk.Acknowledgment(
            id="Serverless::Serverless-EventBusDLQ",
            reason="CloudWatch counts what the rule matches, whether its record arrives or not.",
        ),
    )
    return rule


def _make_records(stack: cdk.Stack) -> sqs.Queue:
    # A task that does not start has no log, and ECS forgets it within an hour: here its reason can be read for two weeks.
    records = sqs.Queue(
        stack,
        "FailedTaskRecords",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        retention_period=cdk.Duration.days(14),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    only_read = "People read it; what nobody reads goes by itself."
    cdk.Validations.of(records).acknowledge(
        cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-SQS3", reason=only_read),
        cdk.Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason=only_read),
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-SQS4",
            reason="Whoever calls it is of this account and signs with IAM; every SDK does so over TLS.",
        ),
    )
    cdk.CfnOutput(
        stack,
        "FailedTaskRecordsUrl",
        description="The queue that says why tasks ended by themselves.",
        value=records.queue_url,
    )
    return records


def _make_policy(  # noqa: PLR0913  what a policy of one step consists of
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    name: str,
    adjustment_type: str,
    adjustment: int,
    *,
    pause_minutes: int,
) -> scaling.CfnScalingPolicy:
    return scaling.CfnScalingPolicy(
        stack,
        name,
        policy_name=name,
        policy_type="StepScaling",
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=scaling.CfnScalingPolicy.StepScalingPolicyConfigurationProperty(
            adjustment_type=adjustment_type,
            cooldown=pause_minutes * MINUTE,
            metric_aggregation_type="Maximum",
            step_adjustments=[
                scaling.CfnScalingPolicy.StepAdjustmentProperty(
                    metric_interval_lower_bound=0,
                    scaling_adjustment=adjustment,
                ),
            ],
        ),
    )


def _make_alarm(  # noqa: PLR0913  what an alarm consists of
    stack: cdk.Stack,
    name: str,
    description: str,
    metrics: list[cloudwatch.CfnAlarm.MetricDataQueryProperty],
    *,
    threshold: float,
    minutes: tuple[int, int],
    actions: list[str],
) -> None:
    """Make an alarm that acts when so many of so many minutes reach the threshold."""
    reached, of = minutes
    cloudwatch.CfnAlarm(
        stack,
        name,
        alarm_description=description,
        metrics=metrics,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=threshold,
        datapoints_to_alarm=reached,
        evaluation_periods=of,
        treat_missing_data="notBreaching",
        alarm_actions=actions,
    )


def _metric(  # noqa: PLR0913, PLR0917  what a metric consists of
    name: str, namespace: str, metric: str, dimensions: dict[str, str], statistic: str, period: int = MINUTE
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
            period=period,
            stat=statistic,
        ),
    )


def _expression(text: str) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(id="value", expression=text, return_data=True)


def _returned(metric: cloudwatch.CfnAlarm.MetricDataQueryProperty) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id=metric.id,
        metric_stat=metric.metric_stat,
        return_data=True,
    )
