"""What starts a run when it is due{% if decision.task.interruptible %}, and once more where Spot took its machine back{% endif %}."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
{% if decision.task.interruptible %}
from aws_cdk import aws_events as events
{% endif %}
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from compute import CONTAINER

if TYPE_CHECKING:
    from aws_cdk import aws_sqs as sqs
    from compute import Compute
    from stack import Deployment

__all__ = ["make_schedule"{% if decision.task.interruptible %}, "start_again_undisturbed"{% endif %}]

# Scheduler fills in when the run was due, the same in every attempt: it names the run.
DUE = "<aws.scheduler.scheduled-time>"


def make_schedule(stack: cdk.Stack, compute: Compute, letters: sqs.Queue, deployment: Deployment) -> None:
    """Start a run whenever it is due."""
    schedule = scheduler.CfnSchedule(
        stack,
        "Schedule",
        name=stack.stack_name,
        description="Starts a run when it is due.",
        state="ENABLED" if deployment.is_scheduled else "DISABLED",
        schedule_expression=deployment.schedule,
        schedule_expression_timezone=deployment.time_zone,
{% if flexible_minutes %}
        # Not everybody's runs at the full hour: Scheduler chooses a moment of this window, the id of the run stays exact.
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(
            mode="FLEXIBLE",
            maximum_window_in_minutes={{ flexible_minutes }},
        ),
{% else %}
        # Runs come too often for a window in which Scheduler may choose the moment.
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
{% endif %}
        target=scheduler.CfnSchedule.TargetProperty(
            arn=compute.cluster.cluster_arn,
            role_arn=_make_role(stack, "ScheduleRole", "scheduler.amazonaws.com", compute, letters).role_arn,
            ecs_parameters=scheduler.CfnSchedule.EcsParametersProperty(
                task_definition_arn=compute.task.task_definition_arn,
                capacity_provider_strategy=[
                    scheduler.CfnSchedule.CapacityProviderStrategyItemProperty(
                        capacity_provider="{{ "FARGATE_SPOT" if decision.task.interruptible else "FARGATE" }}",
                        weight=1,
                    ),
                ],
                network_configuration=scheduler.CfnSchedule.NetworkConfigurationProperty(
                    awsvpc_configuration=scheduler.CfnSchedule.AwsVpcConfigurationProperty(
                        subnets=compute.network.subnet_ids,
                        security_groups=[compute.network.security_group.security_group_id],
                        assign_public_ip=compute.network.assign_public_ip,
                    ),
                ),
                propagate_tags="TASK_DEFINITION",
            ),
            input=stack.to_json_string(
                {"containerOverrides": [{"name": CONTAINER, "environment": [{"name": "RUN_ID", "value": DUE}]}]},
            ),
            # To start the task; what becomes of it is seen by its end. When the next one is due, this one is late.
            retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                maximum_event_age_in_seconds={{ [86400, schedule_minutes * 60] | min }},
                maximum_retry_attempts=20,
            ),
            dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=letters.queue_arn),
        ),
    )
    cdk.CfnOutput(stack, "ScheduleName", description="What starts runs.", value=schedule.ref)
{% if decision.task.interruptible %}


def start_again_undisturbed(stack: cdk.Stack, compute: Compute, letters: sqs.Queue) -> None:
    """Start a run again that Spot had no machine for or took it back, where nobody takes it; it goes on where it was."""
    rule = events.CfnRule(
        stack,
        "Restart",
        description="Starts again what Spot took back.",
        event_pattern={
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {
                "clusterArn": [compute.cluster.cluster_arn],
                "lastStatus": ["STOPPED"],
                # Once: the second time it does not run on Spot, so that what cannot start at all ends as a failure.
                "capacityProviderName": ["FARGATE_SPOT"],
                "stopCode": ["SpotInterruption", "TaskFailedToStart"],
            },
        },
        targets=[
            events.CfnRule.TargetProperty(
                id="Task",
                arn=compute.cluster.cluster_arn,
                role_arn=_make_role(stack, "RestartRole", "events.amazonaws.com", compute, letters).role_arn,
                ecs_parameters=events.CfnRule.EcsParametersProperty(
                    task_definition_arn=compute.task.task_definition_arn,
                    capacity_provider_strategy=[
                        events.CfnRule.CapacityProviderStrategyItemProperty(capacity_provider="FARGATE", weight=1),
                    ],
                    network_configuration=events.CfnRule.NetworkConfigurationProperty(
                        aws_vpc_configuration=events.CfnRule.AwsVpcConfigurationProperty(
                            subnets=compute.network.subnet_ids,
                            security_groups=[compute.network.security_group.security_group_id],
                            assign_public_ip=compute.network.assign_public_ip,
                        ),
                    ),
                    propagate_tags="TASK_DEFINITION",
                ),
                # The same run, told the same.
                input_transformer=events.CfnRule.InputTransformerProperty(
                    input_paths_map={"overrides": "$.detail.overrides.containerOverrides"},
                    input_template='{"containerOverrides": <overrides>}',
                ),
                dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=letters.queue_arn),
            ),
        ],
    )
    letters.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[letters.queue_arn],
            conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
        ),
    )
{% endif %}


def _make_role(stack: cdk.Stack, name: str, service: str, compute: Compute, letters: sqs.Queue) -> iam.Role:
    statements = [
        *compute.start_statements(),
        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn]),
    ]
    role = iam.Role(
        stack,
        name,
        assumed_by=iam.ServicePrincipal(
            service,
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        ),
        inline_policies={"start": iam.PolicyDocument(statements=statements)},
    )
    compute.acknowledge_tasks(role)
    return role
