"""What AWS makes for this service, resource by resource.

A queue hands batches of messages to one function; what fails too often goes to a dead-letter queue; a table remembers
what was done.
Nothing may bill while idle but what docs/adr/0001-compute-tier.md names with its price, and nothing may hold the
service below ten times its peak of 11.42 messages a second: tests/infra judges what comes of this.
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
from aws_cdk.aws_lambda_event_sources import SqsEventSource

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
            f"parcel-surcharges-{deployment.name}",
            description="parcel-surcharges: Charges parcels that weigh more than was declared.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "parcel-surcharges", "environment": deployment.name},
        )
        self._deployment = deployment
        letters, queue = self._make_queues()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # Fourteen days, as long as a message can lie in the dead-letter queue before somebody sends it back.
                "IDEMPOTENCY_SECONDS": "1209600",
            },
            [
                iam.PolicyStatement(
                    actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                    resources=[queue.queue_arn],
                ),
                iam.PolicyStatement(
                    actions=["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                    resources=[table.table_arn],
                ),
            ],
        )
        self._take_messages(function, queue)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/0001-compute-tier.md allows these three.
        self._tell_somebody(
            self._make_dead_letters_alarm(letters),
            self._make_waiting_alarm(queue),
            self._make_throttles_alarm(function),
        )

    def _make_queues(self) -> tuple[sqs.Queue, sqs.Queue]:
        name = f"{self.stack_name}-messages"
        # It keeps what could not be worked on until a person has looked at it and sent it back or dropped it.
        letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{self.stack_name}-dead-letters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # The longest there is; it counts from when the message was first sent.
            retention_period=cdk.Duration.days(14),
            redrive_allow_policy=sqs.RedriveAllowPolicy(
                # By name, because each queue would otherwise wait for the other one to exist.
                source_queues=[sqs.Queue.from_queue_arn(self, "Source", self.format_arn(service="sqs", resource=name))],
            ),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        # It holds every message until it is done, so senders never wait for the function.
        queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # Six times the function's time-out, as Lambda asks: a batch in hand must not be handed out again.
            visibility_timeout=cdk.Duration.seconds(360),
            retention_period=cdk.Duration.days(4),
            # A receive without a message waits this long, so that asking an empty queue costs little.
            receive_message_wait_time=cdk.Duration.seconds(20),
            # Fewer than five would give up messages when Lambda itself sends some back under load.
            dead_letter_queue=sqs.DeadLetterQueue(queue=letters, max_receive_count=5),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        for each in (queue, letters):
            cdk.Validations.of(each).acknowledge(
                cdk.Acknowledgment(
                    id="AwsSolutions::AwsSolutions-SQS4",
                    reason="Whoever calls it is of this account and signs with IAM; every SDK does so over TLS.",
                ),
            )
        cdk.Validations.of(letters).acknowledge(
            cdk.Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason="It is the end of the line."),
        )
        cdk.CfnOutput(
            self,
            "QueueUrl",
            description="Where messages are sent; a sender needs sqs:SendMessage on this queue.",
            value=queue.queue_url,
        )
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where messages lie that could not be worked on.",
            value=letters.queue_url,
        )
        return letters, queue

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

    def _take_messages(self, function: lambda_.Function, queue: sqs.Queue) -> None:
        source = SqsEventSource(
            queue,
            # About a second of work. Up to 10 come with one receive; more wait up to a second to fill the batch.
            batch_size=12,
            max_batching_window=cdk.Duration.seconds(1),
            # Only the messages that failed come back; without it one bad message brings back the whole batch.
            report_batch_item_failures=True,
        )
        function.add_event_source(source)
        cdk.Validations.of(function).acknowledge(
            cdk.Acknowledgment(
                id="Serverless::Serverless-LambdaEventSourceMappingDestination",
                reason="The queue has a dead-letter queue; destinations are for streams.",
            ),
        )

    def _make_dead_letters_alarm(self, letters: sqs.Queue) -> cloudwatch.Alarm:
        # Something could not be worked on, however often it was tried; somebody has to look at it.
        return cloudwatch.Alarm(
            self,
            "DeadLettersArrived",
            alarm_description="Something that parcel-surcharges could not work on lies in its dead-letter queue.",
            metric=letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_waiting_alarm(self, queue: sqs.Queue) -> cloudwatch.Alarm:
        # Messages come faster than they are worked on, or one of them fails again and again.
        return cloudwatch.Alarm(
            self,
            "MessagesWait",
            alarm_description="A message of parcel-surcharges has waited for more than 720 s.",
            metric=queue.metric_approximate_age_of_oldest_message(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=720,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_function(self, variables: dict[str, str], statements: list[iam.PolicyStatement]) -> lambda_.Function:
        # Works on every message of the queue; runs only while there are any.
        group = self._make_log_group("FunctionLogs", f"/aws/lambda/{self.stack_name}-queue")
        function = lambda_.Function(
            self,
            "Function",
            function_name=f"{self.stack_name}-queue",
            code=lambda_.Code.from_asset(str(PACKAGE)),
            handler="parcel_surcharges.handlers.queue.lambda_handler",
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
                reason="The queue keeps a message that fails, and has a dead-letter queue; one on the function is for asynchronous calls.",
            ),
        )
        cdk.CfnOutput(self, "FunctionName", description="The function, for its metrics.", value=function.function_name)
        return function

    def _make_role(self, group: logs.LogGroup, statements: list[iam.PolicyStatement]) -> iam.Role:
        # The function may take messages off its queue, keep its idempotency records, write its own logs and traces,
        # and do nothing else.
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
            alarm_description="The account has no concurrency left for parcel-surcharges.",
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
