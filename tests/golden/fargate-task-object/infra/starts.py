"""What whoever starts a task needs: a role and a target; and what starts it again where Spot took its machine back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_sqs as sqs
    from compute import Compute

__all__ = ["let_in", "make_starting_role", "make_target", "start_again_undisturbed"]


def make_starting_role(stack: cdk.Stack, name: str, service: str, compute: Compute, letters: sqs.Queue) -> iam.Role:
    """Make the role with which a service of AWS starts the task, and keeps what it could not start."""
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


def make_target(
    compute: Compute,
    role: iam.Role,
    letters: sqs.Queue,
    provider: str,
    transformer: events.CfnRule.InputTransformerProperty,
) -> events.CfnRule.TargetProperty:
    """Return the task as the target of a rule.

    Args:
        compute: The task.
        role: With what it is started.
        letters: Where EventBridge keeps what it could not start.
        provider: Where it runs, `FARGATE` or `FARGATE_SPOT`.
        transformer: What the task is told, as RunTask calls it: overrides.
    """
    return events.CfnRule.TargetProperty(
        id="Task",
        arn=compute.cluster.cluster_arn,
        role_arn=role.role_arn,
        ecs_parameters=events.CfnRule.EcsParametersProperty(
            task_definition_arn=compute.task.task_definition_arn,
            capacity_provider_strategy=[
                events.CfnRule.CapacityProviderStrategyItemProperty(capacity_provider=provider, weight=1),
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
        input_transformer=transformer,
        # To start the task; what becomes of it is seen by its end. For a day, as long as EventBridge tries at most.
        retry_policy=events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=86_400,
            maximum_retry_attempts=185,
        ),
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=letters.queue_arn),
    )


def let_in(letters: sqs.Queue, rule: events.CfnRule) -> None:
    """Let a rule put into the dead-letter queue what it could not deliver."""
    letters.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[letters.queue_arn],
            conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
        ),
    )


def start_again_undisturbed(stack: cdk.Stack, compute: Compute, letters: sqs.Queue) -> None:
    """Start a run again that Spot had no machine for or took it back, where nobody takes it; it goes on where it was."""
    target = make_target(
        compute,
        make_starting_role(stack, "RestartRole", "events.amazonaws.com", compute, letters),
        letters,
        "FARGATE",
        # The same run, told the same.
        events.CfnRule.InputTransformerProperty(
            input_paths_map={"overrides": "$.detail.overrides.containerOverrides"},
            input_template='{"containerOverrides": <overrides>}',
        ),
    )
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
        targets=[target],
    )
    let_in(letters, rule)
