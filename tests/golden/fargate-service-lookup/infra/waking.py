"""What wakes the service and puts it to sleep: the function of src/wake/, its table, and what tells it what happens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from front import PORT

if TYPE_CHECKING:
    from aws_cdk import aws_ecs as ecs
    from front import Front

__all__ = ["Waking", "make_waking"]

SOURCES = Path(__file__).parents[1] / "src"
# How often it looks whether the service is idle, asleep or not; docs/adr/0001-compute-tier.md has what that costs.
LOOKS_EVERY = cdk.Duration.minutes(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waking:
    """The function and its role."""

    function: lambda_.Function
    role: iam.Role


def make_waking(
    stack: cdk.Stack, environment: str, front: Front, service: ecs.CfnService, group: logs.LogGroup
) -> Waking:
    """Make the function, and have it told of requests, tasks and time.

    Args:
        stack: The deployment.
        environment: Its name.
        front: The name whose record it writes.
        service: The one service that it starts and stops.
        group: Where it logs.
    """
    table = _make_table(stack)
    role = _make_role(stack, table, service, group, front)
    function = lambda_.Function(
        stack,
        "Waking",
        description="Wakes forecast-scale when its name is looked up, and puts it to sleep when nobody is connected.",
        runtime=lambda_.Runtime.PYTHON_3_13,
        architecture=lambda_.Architecture.ARM_64,
        handler="wake.handler.lambda_handler",
        # The SDK comes with the runtime.
        code=lambda_.Code.from_asset(str(SOURCES), exclude=["*", "!wake", "!wake/*.py"]),
        # Memory brings processor, and most of a start is the SDK.
        memory_size=512,
        # Less than the minute after which what it was doing counts as given up (src/wake/machine.py).
        timeout=cdk.Duration.seconds(30),
        # What went wrong is mended by the next look, not by trying again.
        retry_attempts=0,
        log_group=group,
        logging_format=lambda_.LoggingFormat.JSON,
        role=role.without_policy_updates(),
        environment={
            "ENVIRONMENT": environment,
            "TABLE": table.table_name,
            "CLUSTER": service.cluster or "",
            "ECS_SERVICE": service.attr_name,
            "NAME": front.name,
            "ZONE": front.zone.ref,
            "PORT": str(PORT),
        },
    )
    _acknowledge(function)
    _tell(stack, function, service)
    _tell_of_look_ups(stack, function, front)
    cdk.CfnOutput(stack, "WakingName", description="What wakes the service.", value=function.function_name)
    return Waking(function=function, role=role)


def _acknowledge(function: lambda_.Function) -> None:
    not_the_latest = "The runtime is an answer of the template and changes there, for tests and image too."
    not_kept = "A lost event is mended by the next look, five minutes later at most; nobody would look into a queue."
    cdk.Validations.of(function).acknowledge(
        cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-L1", reason=not_the_latest),
        cdk.Acknowledgment(id="Serverless::Serverless-LambdaLatestVersion", reason=not_the_latest),
        cdk.Acknowledgment(id="Serverless::Serverless-LambdaDLQ", reason=not_kept),
        cdk.Acknowledgment(id="Serverless::Serverless-LambdaAsyncFailureDestination", reason=not_kept),
        cdk.Acknowledgment(
            id="Serverless::Serverless-LambdaTracing",
            reason="Its log tells every change of phase, with what led to it.",
        ),
    )


def _make_table(stack: cdk.Stack) -> dynamodb.Table:
    # One item: where the service is between asleep and awake. Whoever changes it has to know what it says.
    table = dynamodb.Table(
        stack,
        "Phases",
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    cdk.Validations.of(table).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-DDB3",
            reason="A service of which nothing is written is taken for asleep, which the next look corrects.",
        ),
    )
    return table


def _tell_of_look_ups(stack: cdk.Stack, function: lambda_.Function, front: Front) -> None:
    may_call = lambda_.CfnPermission(
        stack,
        "OfQueries",
        action="lambda:InvokeFunction",
        function_name=function.function_arn,
        principal="logs.amazonaws.com",
        source_arn=front.queries.log_group_arn,
        source_account=stack.account,
    )
    look_ups = logs.CfnSubscriptionFilter(
        stack,
        "LookUps",
        log_group_name=front.queries.log_group_name,
        destination_arn=function.function_arn,
        # Only for addresses. That it is this name the function sees: resolvers write it in capitals as they like.
        filter_pattern='[version, time, zone, name, type = "A", ...]',
    )
    look_ups.node.add_dependency(may_call)


def _make_role(
    stack: cdk.Stack, table: dynamodb.Table, service: ecs.CfnService, group: logs.LogGroup, front: Front
) -> iam.Role:
    tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{stack.stack_name}/*")
    cluster = stack.format_arn(service="ecs", resource="cluster", resource_name=stack.stack_name)
    zone = f"arn:{stack.partition}:route53:::hostedzone/{front.zone.ref}"
    role = iam.Role(
        stack,
        "WakingRole",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={
            "wake": iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                        resources=[group.log_group_arn],
                    ),
                    iam.PolicyStatement(
                        actions=["dynamodb:GetItem", "dynamodb:PutItem"],
                        resources=[table.table_arn],
                    ),
                    # This one service, and nothing else of ECS.
                    iam.PolicyStatement(
                        actions=["ecs:DescribeServices", "ecs:UpdateService"],
                        resources=[service.attr_service_arn],
                    ),
                    # This one zone, and of it the addresses of the one name.
                    iam.PolicyStatement(
                        actions=["route53:ChangeResourceRecordSets"],
                        resources=[zone],
                        conditions={
                            "ForAllValues:StringEquals": {
                                "route53:ChangeResourceRecordSetsNormalizedRecordNames": [front.name],
                                "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
                            },
                        },
                    ),
                    iam.PolicyStatement(actions=["ecs:DescribeTasks"], resources=[tasks]),
                    # AWS knows no resource that these could be narrowed to; the tasks of this cluster alone are listed.
                    iam.PolicyStatement(
                        actions=["ecs:ListTasks"],
                        resources=["*"],
                        conditions={"ArnEquals": {"ecs:cluster": cluster}},
                    ),
                    iam.PolicyStatement(
                        actions=["cloudwatch:GetMetricData", "ec2:DescribeNetworkInterfaces"],
                        resources=["*"],
                    ),
                ],
            ),
        },
    )
    named = f"arn:<AWS::Partition>:ecs:{stack.region}:<AWS::AccountId>:task/{stack.stack_name}/*"
    cdk.Validations.of(role).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            reason="To read metrics and addresses is a right on all of them: AWS offers nothing narrower.",
        ),
        cdk.Acknowledgment(
            id="Serverless::Serverless-LambdaStarPermissions",
            reason="To read metrics and addresses is a right on all of them: AWS offers nothing narrower.",
        ),
        cdk.Acknowledgment(
            id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{named}]",
            reason="A task has a name only once it is started; these are the tasks of the service's own cluster.",
        ),
    )
    return role


def _tell(stack: cdk.Stack, function: lambda_.Function, service: ecs.CfnService) -> None:
    # AWS tells of its own services for nothing.
    changes = events.Rule(
        stack,
        "TaskChanges",
        description="A task of forecast-scale runs or has ended.",
        event_pattern=events.EventPattern(
            source=["aws.ecs"],
            detail_type=["ECS Task State Change"],
            detail={
                "clusterArn": [
                    stack.format_arn(service="ecs", resource="cluster", resource_name=service.cluster or ""),
                ],
                "group": [f"service:{service.attr_name}"],
                "lastStatus": ["RUNNING", "DEACTIVATING", "STOPPED"],
            },
        ),
        targets=[targets.LambdaFunction(function)],
    )
    looks = events.Rule(
        stack,
        "Looks",
        description="Whether forecast-scale is idle.",
        schedule=events.Schedule.rate(LOOKS_EVERY),
        targets=[targets.LambdaFunction(function)],
    )
    for rule in (changes, looks):
        cdk.Validations.of(rule).acknowledge(
            cdk.Acknowledgment(
                id="Serverless::Serverless-EventBusDLQ",
                reason="A lost event is mended by the next look, five minutes later at most.",
            ),
        )
