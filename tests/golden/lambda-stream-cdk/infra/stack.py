"""What AWS makes for this service, resource by resource.

A table's stream hands each change, in the order of its key, to one function; what fails too often is named in a dead-
letter queue; a table remembers what was done.
Nothing may bill while idle but what docs/adr/0001-compute-tier.md names with its price, and nothing may hold the
service below ten times its peak of 11.42 records a second: tests/infra judges what comes of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import DynamoEventSource, SqsDlq

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["PACKAGE", "Deployment", "ServiceStack"]

# The artefact of `make build`: reproducible and with bytecode. Bundling by the CDK would make another, slower one.
PACKAGE = Path(__file__).parents[1] / "dist" / "function.zip"


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
            f"parcel-notices-{deployment.name}",
            description="parcel-notices: Tells receivers where their parcels are.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "parcel-notices", "environment": deployment.name},
        )
        self._deployment = deployment
        parcels = self._make_parcels()
        letters = self._make_dead_letters()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # Two days: a stream holds its records for one, and hands none out after that.
                "IDEMPOTENCY_SECONDS": "172800",
            },
            [
                iam.PolicyStatement(
                    actions=[
                        "dynamodb:DescribeStream",
                        "dynamodb:GetRecords",
                        "dynamodb:GetShardIterator",
                        "dynamodb:ListStreams",
                    ],
                    resources=[f"{parcels.table_arn}/stream/*"],
                ),
                # The mapping sends what failed for good, with this role.
                iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn]),
                iam.PolicyStatement(
                    actions=["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                    resources=[table.table_arn],
                ),
            ],
        )
        any_stream = f"<{self.get_logical_id(parcels.node.default_child)}.Arn>/stream/*"
        cdk.Validations.of(self.node.find_child("FunctionRole")).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{any_stream}]",
                reason="A stream's name is the moment it was made; this one table has a single stream.",
            ),
        )
        self._take_changes(function, parcels, letters)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/0001-compute-tier.md allows these three.
        self._tell_somebody(
            self._make_dead_letters_alarm(letters),
            self._make_waiting_alarm(function),
            self._make_throttles_alarm(function),
        )
        cdk.CfnOutput(
            self,
            "TableName",
            description="Where parcels are written; each change of one starts the function.",
            value=parcels.table_name,
        )
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where the sequence numbers of records lie that could not be worked on.",
            value=letters.queue_url,
        )

    def _make_parcels(self) -> dynamodb.Table:
        # It tells of each change, in order for each parcel. On demand; Lambda reads its stream for nothing.
        parcels = dynamodb.Table(
            self,
            "Parcels",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="parcel_id", type=dynamodb.AttributeType.STRING),
            # What it was and what it is: the function reads no table to know what changed.
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(parcels).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="It ends with the stack. Turn recovery on before it holds what nobody can write again.",
            ),
        )
        return parcels

    def _make_dead_letters(self) -> sqs.Queue:
        # It keeps what could not be delivered or worked on until a person has looked at it.
        letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{self.stack_name}-dead-letters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # The longest there is.
            retention_period=cdk.Duration.days(14),
            # It is a destination; no queue of the account may make it its own.
            redrive_allow_policy=sqs.RedriveAllowPolicy(redrive_permission=sqs.RedrivePermission.DENY_ALL),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        end_of_the_line = "It is where what failed ends; nothing takes from it but people."
        cdk.Validations.of(letters).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-SQS4",
                reason="Whoever calls it is of this account or AWS itself and signs with IAM; every SDK does so over TLS.",
            ),
            cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-SQS3", reason=end_of_the_line),
            cdk.Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason=end_of_the_line),
        )
        return letters

    def _make_idempotency_table(self) -> dynamodb.Table:
        # It remembers what was done, because the source delivers at least once. It bills per write and its few bytes.
        table = dynamodb.Table(
            self,
            "Idempotency",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expiration",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(table).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="A record is worth nothing once its time to live is over; there is nothing to restore.",
            ),
        )
        return table

    def _take_changes(self, function: lambda_.Function, parcels: dynamodb.Table, letters: sqs.Queue) -> None:
        source = DynamoEventSource(
            parcels,
            # From the oldest record there is, so that none is missed between the table and this mapping.
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            # About a second of work.
            batch_size=12,
            # Batches of one shard at once; a key is never in two of them. A new table has four shards:
            # 12 records at once.
            parallelization_factor=3,
            # The handler names the first record that failed: what came before it is done, what comes after it waits.
            report_batch_item_failures=True,
            # What the handler cannot name, because it crashed, is found by halving the batch.
            bisect_batch_on_error=True,
            # A record that keeps failing holds up those after it. After ten more tries, or at half of the 24 hours that
            # the stream holds it, its sequence number goes to the dead letters; who is told of it has the other half.
            retry_attempts=10,
            max_record_age=cdk.Duration.hours(12),
            on_failure=SqsDlq(letters),
        )
        function.add_event_source(source)

    def _make_dead_letters_alarm(self, letters: sqs.Queue) -> cloudwatch.Alarm:
        # Something could not be worked on, however often it was tried; somebody has to look at it.
        return cloudwatch.Alarm(
            self,
            "DeadLettersArrived",
            alarm_description="Something that parcel-notices could not work on lies in its dead-letter queue.",
            metric=letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_waiting_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # Changes come faster than they are worked on, or one of them fails again and again and holds up the rest.
        return cloudwatch.Alarm(
            self,
            "RecordsWait",
            alarm_description="A change of parcel-notices has waited for more than ten minutes.",
            metric=function.metric("IteratorAge", statistic="Maximum", period=cdk.Duration.minutes(5)),
            threshold=cdk.Duration.minutes(10).to_milliseconds(),
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_function(self, variables: dict[str, str], statements: list[iam.PolicyStatement]) -> lambda_.Function:
        # Works on every change of the table; runs only while there are any.
        group = self._make_log_group("FunctionLogs", f"/aws/lambda/{self.stack_name}-stream")
        function = lambda_.Function(
            self,
            "Function",
            function_name=f"{self.stack_name}-stream",
            code=lambda_.Code.from_asset(str(PACKAGE)),
            handler="parcel_notices.handlers.stream.lambda_handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=512,
            timeout=cdk.Duration.seconds(60),
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
                reason="The stream's mapping names what failed in a dead-letter queue; one on the function is for asynchronous calls.",
            ),
        )
        cdk.CfnOutput(self, "FunctionName", description="The function, for its metrics.", value=function.function_name)
        return function

    def _make_role(self, group: logs.LogGroup, statements: list[iam.PolicyStatement]) -> iam.Role:
        # The function may read the table's stream, keep its idempotency records, name in the dead-letter queue what
        # failed, write its own logs and traces, and do nothing else.
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
            alarm_description="The account has no concurrency left for parcel-notices.",
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
