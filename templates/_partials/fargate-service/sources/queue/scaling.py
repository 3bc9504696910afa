"""How many tasks there are: more when messages wait, fewer when tasks do{% if decision.workers.minimum == 0 %}, none when the queue is empty{% endif %}.

CloudWatch counts once a minute. Steps answer two questions: how many messages wait for each task, and how many tasks
have nothing to do. The alarms that ask them tell nobody; they set the count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
{% if decision.workers.minimum == 0 %}
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
{% endif %}

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_ecs as ecs
    from aws_cdk import aws_sqs as sqs

__all__ = ["AT_ONCE", "scale"]

{% if decision.workers.minimum == 0 %}
# None while nothing is to do.
MINIMUM = 0
{% else %}
# In two zones, at any time: docs/adr/{{ record_file }} has what that costs.
MINIMUM = {{ decision.workers.minimum }}
{% endif %}
# Ten times the peak that docs/adr/{{ record_file }} states{% if downstream_concurrency %}, or what the work calls can take{% endif %}.
MAXIMUM = {{ decision.workers.maximum }}
# Messages that one task works on at the same time: more for work that waits, one for work that computes.
AT_ONCE = {{ decision.workers.at_once }}
# What one task works off in a minute.
BACKLOG_PER_TASK = {{ decision.workers.backlog_per_task }}
MINUTE = 60
QUIET_MINUTES = 10

# CloudWatch has each metric some minutes late. Until all that is asked for is there an expression has no value, and its
# alarm takes the minute before: what is filled in would be the latest minute every time.
#
# Waiting messages for each task. ECS measures tasks that run, so no number is no task, or a late one: where nobody has
# a message in hand there is none, and a single message is enough to start the first.
BACKLOG = f"IF(tasks > 0 AND visible >= 0, visible / tasks, IF(visible > 0 AND in_hand < 1, {BACKLOG_PER_TASK}))"
# Tasks beyond those that are needed for what waits and what is in hand.
SURPLUS = f"IF(tasks > 0 AND visible >= 0 AND in_hand >= 0, tasks - (visible + in_hand) / {AT_ONCE})"


def scale(stack: cdk.Stack, service: ecs.CfnService, queue: sqs.Queue) -> None:
    """Let the queue decide how many tasks the service has.

    Args:
        stack: The deployment.
        service: The service, which has no count of its own.
        queue: What its tasks work off.
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
    _scale_out(stack, target, service, queue)
    _scale_in(stack, target, service, queue)
{% if decision.workers.minimum == 0 %}
    _keep_measuring(stack, queue)
{% endif %}


def _scale_out(stack: cdk.Stack, target: scaling.CfnScalableTarget, service: ecs.CfnService, queue: sqs.Queue) -> None:
    # Both are asked, and the larger count counts: one more wakes a service that sleeps, of which no share is anything.
    one_more = _make_policy(stack, target, "OneMore", "ChangeInCapacity", [(0, 1)], cooldown_seconds=3 * MINUTE)
    shares = [(0, 100), (BACKLOG_PER_TASK, 400), (4 * BACKLOG_PER_TASK, 1900)]
    many_more = _make_policy(stack, target, "ManyMore", "PercentChangeInCapacity", shares, cooldown_seconds=3 * MINUTE)
    cloudwatch.CfnAlarm(
        stack,
        "Backlog",
        alarm_description="Messages wait for {{ project_name }}: it gets more tasks. Nobody has to do anything.",
        metrics=[
            _tasks(service),
            _messages(queue, "visible", "ApproximateNumberOfMessagesVisible"),
            _messages(queue, "in_hand", "ApproximateNumberOfMessagesNotVisible"),
            _expression(BACKLOG),
        ],
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=BACKLOG_PER_TASK,
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        alarm_actions=[one_more.attr_arn, many_more.attr_arn],
    )


def _scale_in(stack: cdk.Stack, target: scaling.CfnScalableTarget, service: ecs.CfnService, queue: sqs.Queue) -> None:
    # Never more than are too many; task protection keeps ECS from those that work.
    steps = [(size - 1, -size) for size in (1, 10, 100) if size <= MAXIMUM]
    fewer = _make_policy(stack, target, "Fewer", "ChangeInCapacity", steps, cooldown_seconds=MINUTE)
    cloudwatch.CfnAlarm(
        stack,
        "Surplus",
        alarm_description="Tasks of {{ project_name }} have nothing to do: it gets fewer. Nobody has to do anything.",
        metrics=[
            _tasks(service),
            _messages(queue, "visible", "ApproximateNumberOfMessagesVisible"),
            _messages(queue, "in_hand", "ApproximateNumberOfMessagesNotVisible"),
            _expression(SURPLUS),
        ],
        comparison_operator="GreaterThanOrEqualToThreshold",
        # Those that stay in any case are no reason to ask.
        threshold=MINIMUM + 1,
        evaluation_periods=QUIET_MINUTES,
        treat_missing_data="notBreaching",
        alarm_actions=[fewer.attr_arn],
    )


def _make_policy(  # noqa: PLR0913, PLR0917  what a policy of steps consists of
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    name: str,
    adjustment_type: str,
    steps: list[tuple[int, int]],
    cooldown_seconds: int,
) -> scaling.CfnScalingPolicy:
    """Make a policy of steps, each from where it begins above the threshold to where the next one does."""
    ends = [begin for begin, _ in steps[1:]]
    return scaling.CfnScalingPolicy(
        stack,
        name,
        policy_name=name,
        policy_type="StepScaling",
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=scaling.CfnScalingPolicy.StepScalingPolicyConfigurationProperty(
            adjustment_type=adjustment_type,
            cooldown=cooldown_seconds,
            # Of the minutes that an alarm has seen, the one that changes least when tasks end.
            metric_aggregation_type="Minimum" if steps[0][1] < 0 else "Maximum",
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


def _tasks(service: ecs.CfnService) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    dimensions = {"ClusterName": service.cluster or "", "ServiceName": service.attr_name}
    return _metric("tasks", "AWS/ECS", "CPUUtilization", dimensions, "SampleCount")


def _messages(queue: sqs.Queue, name: str, metric: str) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return _metric(name, "AWS/SQS", metric, {"QueueName": queue.queue_name}, "Maximum")


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
{% if decision.workers.minimum == 0 %}


def _keep_measuring(stack: cdk.Stack, queue: sqs.Queue) -> None:
    # CloudWatch stops measuring a queue that nobody has called for six hours, and takes up to a quarter of an hour to
    # begin again. Putting on a tag that it has already is a call; 146 of them a month cost less than a cent.
    role = iam.Role(
        stack,
        "MeasuringRole",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        ),
        inline_policies={
            "queue": iam.PolicyDocument(
                statements=[iam.PolicyStatement(actions=["sqs:TagQueue"], resources=[queue.queue_arn])],
            ),
        },
    )
    scheduler.CfnSchedule(
        stack,
        "Measuring",
        description="Has CloudWatch go on measuring the queue of {{ project_name }} while it is empty.",
        schedule_expression="rate(5 hours)",
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
        target=scheduler.CfnSchedule.TargetProperty(
            arn=f"arn:{stack.partition}:scheduler:::aws-sdk:sqs:tagQueue",
            input=stack.to_json_string({"QueueUrl": queue.queue_url, "Tags": {"service": "{{ project_name }}"}}),
            role_arn=role.role_arn,
            retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(maximum_retry_attempts=3),
        ),
    )
{% endif %}
