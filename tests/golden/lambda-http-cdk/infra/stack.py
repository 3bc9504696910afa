"""What AWS makes for this service, resource by resource.

An HTTP API sends every request to one function; both log to groups with an end; alarms watch them.
Nothing may bill while idle but what docs/adr/0001-compute-tier.md names with its price, and nothing may hold the
service below ten times its peak of 11.42 requests a second: tests/infra judges what comes of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["PACKAGE", "Deployment", "ServiceStack"]

# The artefact of `make build`: reproducible and with bytecode. Bundling by the CDK would make another, slower one.
PACKAGE = Path(__file__).parents[1] / "dist" / "function.zip"
# One line per route of handlers/http.py (tests/infra/test_http_wiring.py compares them).
ROUTES = (
    (apigateway.HttpMethod.POST, "/quotes"),
    (apigateway.HttpMethod.GET, "/zones/{zone}"),
)
# Above this callers get 429: ten times the peak of 11.42 requests a second, at least 100.
THROTTLE_PER_SECOND = 115
ACCESS_LOG_FORMAT = (
    '{"requestId":"$context.requestId","time":"$context.requestTime","route":"$context.routeKey",'
    ' "status":"$context.status","latencyMs":"$context.responseLatency","bytes":"$context.responseLength",'
    ' "ip":"$context.identity.sourceIp","agent":"$context.identity.userAgent",'
    ' "error":"$context.integrationErrorMessage"}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and each of the service's own metrics carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        log_level: What the function logs. Not above INFO: Lambda would drop the metrics, which are log lines too.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
    log_level: lambda_.ApplicationLogLevel = lambda_.ApplicationLogLevel.INFO
    alarm_topic_arn: str = ""
    region: str = "us-east-1"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"shipping-quotes-{deployment.name}",
            description="shipping-quotes: Quotes the price of a parcel.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "shipping-quotes", "environment": deployment.name},
        )
        self._deployment = deployment
        # API Gateway takes up to 10 MB; a quote needs a few hundred bytes.
        function = self._make_function({"MAX_BODY_BYTES": "65536"}, [])
        api = self._make_api(function)
        self._make_stage(api)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/0001-compute-tier.md allows these three.
        self._tell_somebody(
            self._make_errors_alarm(api),
            self._make_latency_alarm(api),
            self._make_throttles_alarm(function),
        )

    def _make_api(self, function: lambda_.Function) -> apigateway.HttpApi:
        # It bills per request only. Whatever matches no route gets a problem response from the function: 404 or 405.
        integration = HttpLambdaIntegration("Integration", function)
        api = apigateway.HttpApi(
            self,
            "HttpApi",
            api_name=self.stack_name,
            create_default_stage=False,
            default_integration=integration,
        )
        for method, path in ROUTES:
            api.add_routes(path=path, methods=[method], integration=integration)
        cdk.Validations.of(api).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-APIG4",
                reason="It is public; add an authoriser before it guards anything.",
            ),
        )
        cdk.CfnOutput(self, "ApiUrl", description="Where the service answers.", value=api.api_endpoint)
        return api

    def _make_stage(self, api: apigateway.HttpApi) -> None:
        # Below this prefix API Gateway needs no entry of its own in the account's log policy, which has a size limit.
        group = self._make_log_group("AccessLogs", f"/aws/vendedlogs/{self.stack_name}")
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=THROTTLE_PER_SECOND,
                throttling_burst_limit=THROTTLE_PER_SECOND,
            ),
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.log_group_arn,
                format=ACCESS_LOG_FORMAT,
            ),
        )

    def _make_errors_alarm(self, api: apigateway.HttpApi) -> cloudwatch.Alarm:
        # Callers get 5xx, from the function, its time-out or the gateway.
        return cloudwatch.Alarm(
            self,
            "ServerErrors",
            alarm_description="Callers of shipping-quotes got five server errors in five minutes.",
            metric=api.metric_server_error(statistic="Sum", period=cdk.Duration.minutes(5)),
            threshold=5,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_latency_alarm(self, api: apigateway.HttpApi) -> cloudwatch.Alarm:
        # For a quarter of an hour one answer in a hundred is too slow; a cold start alone never is.
        return cloudwatch.Alarm(
            self,
            "SlowAnswers",
            alarm_description="One in a hundred answers of shipping-quotes took over 1000 ms.",
            metric=api.metric_latency(statistic="p99", period=cdk.Duration.minutes(5)),
            threshold=1000,
            evaluation_periods=3,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_function(self, variables: dict[str, str], statements: list[iam.PolicyStatement]) -> lambda_.Function:
        # Answers every request of the HTTP API; runs only while it answers.
        group = self._make_log_group("FunctionLogs", f"/aws/lambda/{self.stack_name}-http")
        function = lambda_.Function(
            self,
            "Function",
            function_name=f"{self.stack_name}-http",
            code=lambda_.Code.from_asset(str(PACKAGE)),
            handler="shipping_quotes.handlers.http.lambda_handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=512,
            timeout=cdk.Duration.seconds(5),
            ephemeral_storage_size=cdk.Size.mebibytes(512),
            # What the role allows is all said below; the CDK adds nothing to it.
            role=self._make_role(group, statements).without_policy_updates(),
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
            cdk.Acknowledgment(
                id="Serverless::Serverless-LambdaDLQ",
                reason="A caller waits for each answer and sees a failure; such a queue is for asynchronous events.",
            ),
        )
        cdk.CfnOutput(self, "FunctionName", description="The function, for its metrics.", value=function.function_name)
        return function

    def _make_role(self, group: logs.LogGroup, statements: list[iam.PolicyStatement]) -> iam.Role:
        # The function may write its own logs and traces and do nothing else. Add a statement per resource it uses.
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

    def _make_log_group(self, name: str, path: str) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            name,
            log_group_name=path,
            retention=self._deployment.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _make_throttles_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "Throttles",
            alarm_description="The account has no concurrency left for shipping-quotes.",
            metric=function.metric_throttles(statistic="Sum", period=cdk.Duration.minutes(5)),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _tell_somebody(self, *alarms: cloudwatch.Alarm) -> None:
        if self._deployment.alarm_topic_arn:
            topic = sns.Topic.from_topic_arn(self, "AlarmTopic", self._deployment.alarm_topic_arn)
            for alarm in alarms:
                alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))
