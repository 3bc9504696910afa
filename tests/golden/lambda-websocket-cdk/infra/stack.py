"""What AWS makes for this service, resource by resource.

A WebSocket API holds the connections and sends each message to one function; a table knows who is in which room.
Nothing may bill while idle but what docs/adr/0001-compute-tier.md names with its price, and nothing may hold the
service below ten times its peak of 11.42 messages a second: tests/infra judges what comes of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["PACKAGE", "Deployment", "ServiceStack"]

# The artefact of `make build`: reproducible and with bytecode. Bundling by the CDK would make another, slower one.
PACKAGE = Path(__file__).parents[1] / "dist" / "function.zip"
# One for each line of ROUTES in handlers/websocket.py (tests/infra/test_websocket_wiring.py compares them).
ROUTES = ("$connect", "$disconnect", "say", "$default")
STAGE = "live"
# Above this callers get 429: ten times the peak of 11.42 messages a second, or of new connections, at least 100.
THROTTLE_PER_SECOND = 115
ACCESS_LOG_FORMAT = (
    '{"requestId":"$context.requestId","time":"$context.requestTime","route":"$context.routeKey",'
    ' "event":"$context.eventType","status":"$context.status","connectionId":"$context.connectionId",'
    ' "latencyMs":"$context.integrationLatency","ip":"$context.identity.sourceIp",'
    ' "agent":"$context.identity.userAgent","error":"$context.integrationErrorMessage"}'
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
            f"parcel-rooms-{deployment.name}",
            description="parcel-rooms: Lets senders and couriers of a parcel talk to each other.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "parcel-rooms", "environment": deployment.name},
        )
        self._deployment = deployment
        api = self._make_api()
        connections = self._make_connections()
        function = self._make_function(
            {
                "TABLE_NAME": connections.table_name,
                "CALLBACK_URL": f"https://{api.api_id}.execute-api.{self.region}.{self.url_suffix}/{STAGE}",
                # The largest message, either way; API Gateway itself carries at most 131072 bytes and then closes the
                # connection.
                "MAX_MESSAGE_BYTES": "16384",
            },
            [
                iam.PolicyStatement(
                    actions=["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"],
                    resources=[connections.table_arn],
                ),
                iam.PolicyStatement(actions=["dynamodb:Query"], resources=[f"{connections.table_arn}/index/by_room"]),
                # Only to post, and only to the clients of this stage.
                iam.PolicyStatement(
                    actions=["execute-api:ManageConnections"],
                    resources=[
                        self.format_arn(
                            service="execute-api",
                            resource=api.api_id,
                            resource_name=f"{STAGE}/POST/@connections/*",
                        ),
                    ],
                ),
            ],
        )
        this_api = f"arn:<AWS::Partition>:execute-api:{self.region}:<AWS::AccountId>:<{self.get_logical_id(api.node.default_child)}>"
        cdk.Validations.of(self.node.find_child("FunctionRole")).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{this_api}/{STAGE}/POST/@connections/*]",
                reason="Who is connected changes all the time; nobody but clients of this stage can be.",
            ),
        )
        self._route_messages(api, function)
        self._make_stage(api)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/0001-compute-tier.md allows these three.
        self._tell_somebody(
            self._make_failures_alarm(function),
            self._make_latency_alarm(function),
            self._make_throttles_alarm(function),
        )

    def _make_api(self) -> apigateway.WebSocketApi:
        # It bills per message and connection minute. It is public; give $connect an authoriser before it guards anything.
        api = apigateway.WebSocketApi(
            self,
            "WebSocketApi",
            api_name=self.stack_name,
            route_selection_expression="$request.body.action",
        )
        cdk.Validations.of(api).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-APIG4",
                reason="It is public; add an authoriser before it guards anything.",
            ),
        )
        cdk.CfnOutput(
            self,
            "WebSocketUrl",
            description="Where clients connect; the query parameter `room` names their room.",
            value=f"{api.api_endpoint}/{STAGE}",
        )
        return api

    def _make_connections(self) -> dynamodb.Table:
        # It knows who is connected, and in which room; it bills per request and forgets what API Gateway has closed.
        connections = dynamodb.Table(
            self,
            "Connections",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="connection_id", type=dynamodb.AttributeType.STRING),
            # 7,200 s after it began, when API Gateway closes every connection: $disconnect is not always delivered.
            time_to_live_attribute="expires_at",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        connections.add_global_secondary_index(
            index_name="by_room",
            partition_key=dynamodb.Attribute(name="room", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="connection_id", type=dynamodb.AttributeType.STRING),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        cdk.Validations.of(connections).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="A connection cannot be restored; it ends after two hours and its client connects again.",
            ),
        )
        return connections

    def _route_messages(self, api: apigateway.WebSocketApi, function: lambda_.Function) -> None:
        # Whatever names no route, or is no JSON, gets a typed error from the function.
        integration = WebSocketLambdaIntegration("Integration", function)
        for route in ROUTES:
            api.add_route(route, integration=integration)

    def _make_stage(self, api: apigateway.WebSocketApi) -> None:
        # API Gateway writes access logs with a role that the account has once per region (README, What it does).
        group = self._make_log_group("AccessLogs", f"/aws/apigateway/{self.stack_name}")
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=api.api_id,
            stage_name=STAGE,
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

    def _make_failures_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # Messages fail, in the function or at its time-out; a refused message is no failure.
        return cloudwatch.Alarm(
            self,
            "Failures",
            alarm_description="Five messages to parcel-rooms failed in five minutes.",
            metric=function.metric_errors(statistic="Sum", period=cdk.Duration.minutes(5)),
            threshold=5,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_latency_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # For a quarter of an hour one answer in a hundred is too slow; a cold start alone never is.
        return cloudwatch.Alarm(
            self,
            "SlowAnswers",
            alarm_description="One in a hundred messages to parcel-rooms took over 1000 ms.",
            metric=function.metric_duration(statistic="p99", period=cdk.Duration.minutes(5)),
            threshold=1000,
            evaluation_periods=3,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_function(self, variables: dict[str, str], statements: list[iam.PolicyStatement]) -> lambda_.Function:
        # Answers every message of the WebSocket API; runs only while it answers.
        group = self._make_log_group("FunctionLogs", f"/aws/lambda/{self.stack_name}-websocket")
        function = lambda_.Function(
            self,
            "Function",
            function_name=f"{self.stack_name}-websocket",
            code=lambda_.Code.from_asset(str(PACKAGE)),
            handler="parcel_rooms.handlers.websocket.lambda_handler",
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
                reason="A client waits for each answer and is told of a failure; such a queue is for asynchronous events.",
            ),
        )
        cdk.CfnOutput(self, "FunctionName", description="The function, for its metrics.", value=function.function_name)
        return function

    def _make_role(self, group: logs.LogGroup, statements: list[iam.PolicyStatement]) -> iam.Role:
        # The function may write its own logs and traces, keep its connections in its table, and post to this stage's
        # clients.
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
            alarm_description="The account has no concurrency left for parcel-rooms.",
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
