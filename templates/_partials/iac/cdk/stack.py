{% from "templates/_partials/sentence.jinja" import rate %}
"""What AWS makes for this service, resource by resource.

{% filter trim | wordwrap(118) %}{% include trigger_folder ~ "/architecture.txt" %}{% endfilter %}

Nothing may bill while idle but what docs/adr/{{ record_file }} names with its price, and nothing may hold the
service below ten times its peak of {{ rate(decision.peak_per_second) }} {% include trigger_folder ~ "/unit.txt" %} a second: tests/infra judges what comes of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
{% block before_cloudwatch %}{% endblock %}
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
{% block before_iam %}{% endblock %}
from aws_cdk import aws_iam as iam
{% block before_lambda %}{% endblock %}
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
{% block before_sns %}{% endblock %}
from aws_cdk import aws_sns as sns
{% block after_sns %}{% endblock %}

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["PACKAGE", "Deployment", "ServiceStack"]

# The artefact of `make build`: reproducible and with bytecode. Bundling by the CDK would make another, slower one.
PACKAGE = Path(__file__).parents[1] / "dist" / "function.zip"
{% block constants %}{% endblock %}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and each of the service's own metrics carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        log_level: What the function logs. Not above INFO: Lambda would drop the metrics, which are log lines too.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
{% block attributes %}{% endblock %}
    """

    name: str
    log_retention: logs.RetentionDays
    log_level: lambda_.ApplicationLogLevel = lambda_.ApplicationLogLevel.INFO
    alarm_topic_arn: str = ""
    region: str = "{{ aws_region }}"
{% block fields %}{% endblock %}


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"{{ project_name }}-{deployment.name}",
            description={{ (project_name ~ ": " ~ description) | to_json(ensure_ascii=false) }},
            env=cdk.Environment(region=deployment.region),
            tags={"service": "{{ project_name }}", "environment": deployment.name},
        )
        self._deployment = deployment
{% block resources %}{% endblock %}

{% block methods %}{% endblock %}
{% if durable_function %}
    def _make_function(
        self,
        variables: dict[str, str],
        statements: list[iam.PolicyStatement],
        letters: sqs.Queue,
    ) -> lambda_.Function:
{% else %}
    def _make_function(self, variables: dict[str, str], statements: list[iam.PolicyStatement]) -> lambda_.Function:
{% endif %}
        # {% filter trim | wordwrap(108) | replace("\n", "\n        # ") %}{% include trigger_folder ~ "/why.txt" %}{% endfilter %}

        group = self._make_log_group("FunctionLogs", f"/aws/lambda/{self.stack_name}-{{ event_source }}")
        function = lambda_.Function(
            self,
            "Function",
            function_name=f"{self.stack_name}-{{ event_source }}",
            code=lambda_.Code.from_asset(str(PACKAGE)),
            handler="{{ package_name }}.handlers.{{ event_source }}.lambda_handler",
            runtime=lambda_.Runtime.PYTHON_{{ python_version | replace(".", "_") }},
            architecture=lambda_.Architecture.{{ {"arm64": "ARM_64", "x86_64": "X86_64"}[decision.size.architecture] }},
            memory_size={{ decision.size.memory_mib }},
            timeout=cdk.Duration.seconds({% filter trim %}{% include trigger_folder ~ "/timeout.txt" %}{% endfilter %}),
            ephemeral_storage_size=cdk.Size.mebibytes({{ ephemeral_storage_mib }}),
            # What the role allows is all said below; the CDK adds nothing to it.
            role=self._make_role(group, statements).without_policy_updates(),
{% if durable_function %}
{% include trigger_folder ~ "/function.py" %}
{% endif %}
            # The service map and sampled segments without an SDK in the function; nothing is billed while idle.
            tracing=lambda_.Tracing.ACTIVE,
            log_group=group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=self._deployment.log_level,
            system_log_level_v2=lambda_.SystemLogLevel.INFO,
            environment={"ENVIRONMENT": self._deployment.name, **variables},
        )
        not_the_latest = "The runtime is an answer of the template and changes there, for tests and build too."
        cdk.Validations.of(function).acknowledge(
            cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-L1", reason=not_the_latest),
            cdk.Acknowledgment(id="Serverless::Serverless-LambdaLatestVersion", reason=not_the_latest),
{% if not durable_function %}
            cdk.Acknowledgment(
                id="Serverless::Serverless-LambdaDLQ",
                reason={% filter trim | to_json(ensure_ascii=false) %}{% include trigger_folder ~ "/dead_letters.txt" %}{% endfilter %},
            ),
{% endif %}
        )
        cdk.CfnOutput(self, "FunctionName", description="The function, for its metrics.", value=function.function_name)
        return function

    def _make_role(self, group: logs.LogGroup, statements: list[iam.PolicyStatement]) -> iam.Role:
        # {% filter trim | wordwrap(108) | replace("\n", "\n        # ") %}{% include trigger_folder ~ "/role.txt" %}{% endfilter %}

        writes_logs = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[group.log_group_arn],
        )
        writes_traces = iam.PolicyStatement(
            actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            resources=["*"],
        )
        policy = iam.PolicyDocument(statements=[writes_logs, writes_traces, *statements])
        role = iam.Role(
            self,
            "FunctionRole",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"function": policy},
        )
        no_resources = "X-Ray knows no resources: AWS offers nothing narrower."
        cdk.Validations.of(role).acknowledge(
            cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-IAM5[Resource::*]", reason=no_resources),
            cdk.Acknowledgment(id="Serverless::Serverless-LambdaStarPermissions", reason=no_resources),
        )
        return role

{% include "templates/_partials/iac/cdk/log_group.py" %}
    def _make_throttles_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "Throttles",
            alarm_description="The account has no concurrency left for {{ project_name }}.",
            metric=function.metric_throttles(statistic="Sum", period=cdk.Duration.minutes(5)),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% include "templates/_partials/iac/cdk/tell_somebody.py" %}
