{% block intro %}
"""What wakes the service and puts it to sleep: the function of src/wake/, its table, and what tells it what happens."""
{% endblock %}

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
{% block more_modules %}{% endblock %}

if TYPE_CHECKING:
    from aws_cdk import aws_ecs as ecs
{% block typing %}
    from aws_cdk import aws_logs as logs
{% endblock %}
    from front import Front

__all__ = ["Waking", "make_waking"]

SOURCES = Path(__file__).parents[1] / "src"
# How often it looks whether the service is idle, asleep or not; docs/adr/{{ record_file }} has what that costs.
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
        front: {% block front %}The API whose door it opens and shuts{% endblock %}.
        service: The one service that it starts and stops.
        group: Where it logs.
    """
    table = _make_table(stack)
    role = _make_role(stack, table, service, group{% block of_role %}{% endblock %})
    function = lambda_.Function(
        stack,
        "Waking",
        description="Wakes {{ project_name }} {% block when %}when it is asked for, and puts it to sleep when it is not{% endblock %}.",
        runtime=lambda_.Runtime.PYTHON_{{ python_version | replace(".", "_") }},
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
{% block told %}
            "API_ID": front.api.ref,
            "API_URL": front.url,
{% endblock %}
        },
    )
    _acknowledge(function)
    _tell(stack, function, service)
{% block more_telling %}{% endblock %}
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


{% block role %}
def _make_role(stack: cdk.Stack, table: dynamodb.Table, service: ecs.CfnService, group: logs.LogGroup) -> iam.Role:
{% endblock %}
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
{% block reads %}
                    # CloudWatch knows no resource that this could be narrowed to.
                    iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"]),
{% endblock %}
                ],
            ),
        },
    )
{% block before_reasons %}{% endblock %}
    cdk.Validations.of(role).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            reason="{% block why_all %}To read metrics is a right on all of them: AWS offers nothing narrower.{% endblock %}",
        ),
        cdk.Acknowledgment(
            id="Serverless::Serverless-LambdaStarPermissions",
            reason="{{ self.why_all() }}",
        ),
{% block more_reasons %}{% endblock %}
    )
    return role


def _tell(stack: cdk.Stack, function: lambda_.Function, service: ecs.CfnService) -> None:
    # AWS tells of its own services for nothing.
    changes = events.Rule(
        stack,
        "TaskChanges",
        description="A task of {{ project_name }} runs or has ended.",
        event_pattern=events.EventPattern(
            source=["aws.ecs"],
            detail_type=["ECS Task State Change"],
            detail={
                "clusterArn": [
                    stack.format_arn(service="ecs", resource="cluster", resource_name=service.cluster or ""),
                ],
                "group": [f"service:{service.attr_name}"],
                "lastStatus": [{% block statuses %}"RUNNING", "STOPPED"{% endblock %}],
            },
        ),
        targets=[targets.LambdaFunction(function)],
    )
    looks = events.Rule(
        stack,
        "Looks",
        description="Whether {{ project_name }} is idle.",
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
