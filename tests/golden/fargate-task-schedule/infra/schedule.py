"""What starts a run when it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_scheduler as scheduler
from compute import CONTAINER
from starts import make_starting_role

if TYPE_CHECKING:
    from aws_cdk import aws_sqs as sqs
    from compute import Compute
    from stack import Deployment

__all__ = ["make_schedule"]

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
        # Not everybody's runs at the full hour: Scheduler chooses a moment of this window, the id of the run stays exact.
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(
            mode="FLEXIBLE",
            maximum_window_in_minutes=15,
        ),
        target=scheduler.CfnSchedule.TargetProperty(
            arn=compute.cluster.cluster_arn,
            role_arn=make_starting_role(stack, "ScheduleRole", "scheduler.amazonaws.com", compute, letters).role_arn,
            ecs_parameters=scheduler.CfnSchedule.EcsParametersProperty(
                task_definition_arn=compute.task.task_definition_arn,
                capacity_provider_strategy=[
                    scheduler.CfnSchedule.CapacityProviderStrategyItemProperty(
                        capacity_provider="FARGATE_SPOT",
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
                maximum_event_age_in_seconds=86400,
                maximum_retry_attempts=20,
            ),
            dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=letters.queue_arn),
        ),
    )
    cdk.CfnOutput(stack, "ScheduleName", description="What starts runs.", value=schedule.ref)
