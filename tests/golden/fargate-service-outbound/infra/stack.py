"""What AWS makes for this service; each part has a module beside this one.

A service of ECS on Fargate with at least 2 tasks holds a connection to a feed that others run; each task hears every
message, one of them works on it and keeps in DynamoDB what came of it; what cannot be worked on lies in a dead-letter
queue. Nothing connects to a task.
Nothing may bill while idle but what docs/adr/0001-compute-tier.md names with its price: tests/infra judges what comes
of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from compute import HEALTH_PORT, make_service
from network import ExistingNetwork, make_network
from scaling import AT_ONCE, scale

if TYPE_CHECKING:
    from aws_cdk import aws_ecs as ecs
    from constructs import Construct

__all__ = ["Deployment", "ExistingNetwork", "ServiceStack"]

# Messages that a task has at most, at work or waiting, in half of its memory; then it stops reading.
HELD_AT_MOST = 6371
# The connection ends when a larger message comes.
MESSAGE_BYTES_AT_MOST = 65536
# Twice the slowest message: what takes longer hangs.
MESSAGE_SECONDS_AT_MOST = 120
# A connection on which nothing was said for so long is opened anew. Say less than this only for a feed that often speaks.
SILENCE_SECONDS = 300
# What was heard when ECS stops a task may take this long.
DRAIN_SECONDS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and metric carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        feed_parameter: The SSM parameter with the address of the feed. It exists before.
        network: The VPC that tasks start in. Without one the stack makes its own, which costs nothing.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
    feed_parameter: str
    network: ExistingNetwork | None = None
    alarm_topic_arn: str = ""
    region: str = "us-east-1"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"forecast-feed-{deployment.name}",
            description="forecast-feed: Forecasts what a tariff would earn, for whatever a market orders.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "forecast-feed", "environment": deployment.name},
        )
        self._deployment = deployment
        letters = self._make_dead_letters()
        results, positions = self._make_results_table(), self._make_positions_table()
        scale(self, self._make_service(letters, results, positions), deployment.name)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one each, for these two and for two
        # that scale. docs/adr/0001-compute-tier.md allows them.
        self._tell_somebody(self._make_dead_letters_alarm(letters), self._make_disconnected_alarm())

    def _make_service(self, letters: sqs.Queue, results: dynamodb.Table, positions: dynamodb.Table) -> ecs.CfnService:
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            "FEED_URL": ssm.StringParameter.value_for_string_parameter(self, self._deployment.feed_parameter),
            "RESULTS_TABLE": results.table_name,
            # Fourteen days: what the feed says again for longer is done again.
            "RESULTS_SECONDS": "1209600",
            "POSITIONS_TABLE": positions.table_name,
            "DEAD_LETTERS_URL": letters.queue_url,
            "AT_ONCE": str(AT_ONCE),
            "HELD_AT_MOST": str(HELD_AT_MOST),
            "MESSAGE_BYTES_AT_MOST": str(MESSAGE_BYTES_AT_MOST),
            "MESSAGE_SECONDS_AT_MOST": str(MESSAGE_SECONDS_AT_MOST),
            "SILENCE_SECONDS": str(SILENCE_SECONDS),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
            "HEALTH_PORT": str(HEALTH_PORT),
        }
        statements = [
            iam.PolicyStatement(
                actions=["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
                resources=[results.table_arn],
            ),
            iam.PolicyStatement(actions=["dynamodb:GetItem", "dynamodb:PutItem"], resources=[positions.table_arn]),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn]),
        ]
        group = self._make_log_group("TaskLogs", f"/ecs/{self.stack_name}")
        return make_service(self, make_network(self, self._deployment.network), group, variables, statements)

    def _make_log_group(self, name: str, path: str) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            name,
            log_group_name=path,
            retention=self._deployment.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _make_dead_letters_alarm(self, letters: sqs.Queue) -> cloudwatch.Alarm:
        # Something could not be worked on, however often it was tried; somebody has to look at it.
        return cloudwatch.Alarm(
            self,
            "DeadLettersArrived",
            alarm_description="Something that forecast-feed could not work on lies in its dead-letter queue.",
            metric=letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_dead_letters(self) -> sqs.Queue:
        # It keeps what could not be worked on until a person has looked at it. First in, first out, because such a queue
        # drops what it was sent a moment ago: every task hears every message.
        letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{self.stack_name}-dead-letters.fifo",
            fifo=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=cdk.Duration.days(14),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(letters).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-SQS4",
                reason="Whoever calls it is of this account and signs with IAM; every SDK does so over TLS.",
            ),
            cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-SQS3", reason="It is the dead-letter queue."),
            cdk.Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason="It is the end of the line."),
        )
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where messages lie that could not be worked on.",
            value=letters.queue_url,
        )
        return letters

    def _make_results_table(self) -> dynamodb.Table:
        # What was ordered and what came of it, so that it is made once. It bills per write and its few bytes.
        table = dynamodb.Table(
            self,
            "Results",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="forecast_id", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expires_at",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(table).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="A result is kept for two weeks; whoever needs it for longer reads it before.",
            ),
        )
        cdk.CfnOutput(self, "ResultsTable", description="What came of each message.", value=table.table_name)
        return table

    def _make_positions_table(self) -> dynamodb.Table:
        # One item: the number in the feed up to which everything is settled. It bills per write and its few bytes.
        table = dynamodb.Table(
            self,
            "Positions",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="feed", type=dynamodb.AttributeType.STRING),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(table).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="It is written anew within seconds; a feed that keeps less than that has nothing to go back to.",
            ),
        )
        cdk.CfnOutput(self, "PositionsTable", description="How far it has come in the feed.", value=table.table_name)
        return table

    def _make_disconnected_alarm(self) -> cloudwatch.Alarm:
        # A deployment or a pause between two connections is over in less. Tasks that say nothing are worse than those
        # that say they are not connected.
        return cloudwatch.Alarm(
            self,
            "Disconnected",
            alarm_description="A task of forecast-feed does not hear its feed, or no task runs.",
            metric=cloudwatch.Metric(
                namespace="forecast-feed",
                metric_name="Connected",
                dimensions_map={"service": "forecast-feed", "environment": self._deployment.name},
                statistic="Minimum",
                period=cdk.Duration.minutes(1),
            ),
            threshold=50,
            evaluation_periods=5,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )

    def _tell_somebody(self, *alarms: cloudwatch.Alarm) -> None:
        if self._deployment.alarm_topic_arn:
            topic = sns.Topic.from_topic_arn(self, "AlarmTopic", self._deployment.alarm_topic_arn)
            for alarm in alarms:
                alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))
