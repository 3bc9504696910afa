{% if decision.scale_to_zero.min_capacity == 0 %}
"""How many tasks there are while the service is awake: {{ self.what() }} and processor use set the number, by steps.

The first task is started, and the last one ended, by {{ "waking.py" if has_load_balancer else "src/wake/" }}.
{% else %}
"""How many tasks there are: {% block what %}connections{% endblock %} and processor use set the number, through alarms whose steps stand here.
{% endif %}

A target would be simpler to write, but it makes alarms of its own, which no template shows and nobody prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_ecs as ecs
{% if decision.scale_to_zero.min_capacity == 0 and has_load_balancer %}
    from front import Front
{% endif %}

__all__ = [{% block names %}"PER_TASK", "scale"{% endblock %}]

# docs/adr/{{ record_file }} says why: {% if decision.scale_to_zero.min_capacity == 0 %}none while {% block deserted %}nobody is connected{% endblock %}, and {% endif %}ten times the stated peak fits under the maximum.
MINIMUM, MAXIMUM = {{ decision.scale_to_zero.min_capacity }}, {% block maximum %}{{ decision.connections.maximum }}{% endblock %}

{% block bounds %}
# Connections that the memory of one task holds; more are refused.
PER_TASK = {{ decision.connections.per_task }}
CROWDED, ROOMY = {{ (decision.connections.per_task * 0.6) | int }}, {{ (decision.connections.per_task * 0.25) | int }}
{% endblock %}
BUSY_PERCENT, CALM_PERCENT = 60, 25
MINUTE = 60
QUIET_MINUTES = 15


{% if decision.scale_to_zero.min_capacity == 0 and has_load_balancer %}
def scale(stack: cdk.Stack, service: ecs.CfnService, front: Front, environment: str) -> scaling.CfnScalableTarget:
    """Let {{ self.what() }} and processor use decide how many tasks the service has, once it has one; return what is scaled.

    Args:
        stack: The deployment.
        service: The service, which has no count of its own.
        front: What counts the tasks that {{ self.what() }} are passed on to.
{% else %}
def scale(stack: cdk.Stack, service: ecs.CfnService, environment: str) -> None:
    """Let {{ self.what() }} and processor use decide how many tasks the service has.

    Args:
        stack: The deployment.
        service: The service, which has no count of its own.
{% endif %}
        environment: Whose {{ self.what() }} are counted.
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
    {{ scaled_by }} = _metric("{{ scaled_by }}", "{{ project_name }}", "{{ scaled_by | replace("_", " ") | title | replace(" ", "") }}", _own(environment))
    processor = _metric("processor", "AWS/ECS", "CPUUtilization", _of(service))
    # Shares of what there is, so that a crowd is met in minutes however large the service is. A task takes two to start.
{% block crowd %}
    crowd = [(0, 50), (PER_TASK * 3 // 10, 200)]
{% endblock %}
    crowded = _make_policy(stack, target, "MoreFor{{ self.what() | capitalize }}", crowd, cooldown_seconds=2 * MINUTE)
    _make_alarm(stack, "Crowded", [{{ scaled_by }}], threshold=CROWDED, minutes=1, policy=crowded)
    busy = _make_policy(stack, target, "MoreForWork", [(0, 50), (25, 200)], cooldown_seconds=2 * MINUTE)
    _make_alarm(stack, "Busy", [processor], threshold=BUSY_PERCENT, minutes=1, policy=busy)
{% block why_late %}
    # Whoever is on a task that ends has to come back, so tasks end late and few at a time.
{% endblock %}
    fewer = _make_policy(stack, target, "Fewer", [(0, -10)], cooldown_seconds=5 * MINUTE)
    # CloudWatch has each metric some minutes late. Until all are there this has no value, and the alarm takes the minute
    # before: what is filled in, or taken for 0, would be the latest minute every time.
{% if decision.scale_to_zero.min_capacity == 0 %}
    # The last task is not for this to end, however little it has to do.
{% if has_load_balancer %}
    healthy = _metric("healthy", "AWS/ApplicationELB", "HealthyHostCount", _behind(front))
{% else %}
    # ECS measures each running task once a minute.
    healthy = _metric("healthy", "AWS/ECS", "CPUUtilization", _of(service), "SampleCount")
{% endif %}
    known = "healthy > 0 AND {{ scaled_by }} >= 0 AND processor >= 0"
    quiet = f"IF({known}, IF(healthy > 1 AND {{ scaled_by }} < {ROOMY} AND processor < {CALM_PERCENT}, 1, 0))"
{% else %}
    known = "{{ scaled_by }} >= 0 AND processor >= 0"
    quiet = f"IF({known}, IF({{ scaled_by }} < {ROOMY} AND processor < {CALM_PERCENT}, 1, 0))"
{% endif %}
    _make_alarm(
        stack,
        "Roomy",
        [{% if decision.scale_to_zero.min_capacity == 0 %}healthy, {% endif %}{{ scaled_by }}, processor, _expression(quiet)],
        threshold=1,
        minutes=QUIET_MINUTES,
        policy=fewer,
    )
{% if decision.scale_to_zero.min_capacity == 0 and has_load_balancer %}
    return target
{% endif %}


def _make_policy(
    stack: cdk.Stack,
    target: scaling.CfnScalableTarget,
    name: str,
    steps: list[tuple[{% block step %}int{% endblock %}, int]],
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
        alarm_description="It sets the number of tasks of {{ project_name }}. Nobody has to do anything.",
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
{% if not has_load_balancer %}
    statistic: str = "Average",
{% endif %}
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
            stat={{ '"Average"' if has_load_balancer else "statistic" }},
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
        cloudwatch.CfnAlarm.DimensionProperty(name="service", value="{{ project_name }}"),
        cloudwatch.CfnAlarm.DimensionProperty(name="environment", value=environment),
    ]


def _of(service: ecs.CfnService) -> list[cloudwatch.CfnAlarm.DimensionProperty]:
    return [
        cloudwatch.CfnAlarm.DimensionProperty(name="ClusterName", value=service.cluster),
        cloudwatch.CfnAlarm.DimensionProperty(name="ServiceName", value=service.attr_name),
    ]
{% if decision.scale_to_zero.min_capacity == 0 and has_load_balancer %}


def _behind(front: Front) -> list[cloudwatch.CfnAlarm.DimensionProperty]:
    group = front.targets.attr_target_group_full_name
    return [
        cloudwatch.CfnAlarm.DimensionProperty(name="LoadBalancer", value=front.balancer),
        cloudwatch.CfnAlarm.DimensionProperty(name="TargetGroup", value=group),
    ]
{% endif %}
