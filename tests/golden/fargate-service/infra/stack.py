"""What AWS makes for this service; each part has a module beside this one.

Messages wait in an SQS queue; a service of ECS on Fargate works them off, with as many tasks as they need and none
while there are none, and keeps what came of each in DynamoDB; what failed again and again lies in a dead-letter
queue.
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
from compute import make_service
from network import ExistingNetwork, make_network
from scaling import AT_ONCE, scale

if TYPE_CHECKING:
    from aws_cdk import aws_ecs as ecs
    from constructs import Construct

__all__ = ["Deployment", "ExistingNetwork", "ServiceStack"]

# A message in hand is hidden for this long, time and again, as long as its task works on it.
HIDDEN_SECONDS = 120
# What is in hand when ECS stops a task may take this long. A receive that is under way takes 20 s before it ends.
DRAIN_SECONDS = 80
# Twice the slowest message: what takes longer hangs.
MESSAGE_SECONDS_AT_MOST = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and metric carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        network: The VPC that tasks start in. Without one the stack makes its own, which costs nothing.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
    network: ExistingNetwork | None = None
    alarm_topic_arn: str = ""
    region: str = "us-east-1"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"forecast-orders-{deployment.name}",
            description="forecast-orders: Forecasts what a tariff would earn, for whoever orders it.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "forecast-orders", "environment": deployment.name},
        )
        self._deployment = deployment
        letters, queue = self._make_queues()
        results = self._make_results_table()
        scale(self, self._make_service(queue, results), queue)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one each for these two, six for those
        # that scale. docs/adr/0001-compute-tier.md allows them.
        self._tell_somebody(self._make_dead_letters_alarm(letters), self._make_waiting_alarm(queue))

    def _make_service(self, queue: sqs.Queue, results: dynamodb.Table) -> ecs.CfnService:
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            "QUEUE_URL": queue.queue_url,
            "RESULTS_TABLE": results.table_name,
            # Fourteen days, as long as a message can lie in the dead-letter queue before somebody sends it back.
            "RESULTS_SECONDS": "1209600",
            "AT_ONCE": str(AT_ONCE),
            "HIDDEN_SECONDS": str(HIDDEN_SECONDS),
            "MESSAGE_SECONDS_AT_MOST": str(MESSAGE_SECONDS_AT_MOST),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
        }
        statements = [
            iam.PolicyStatement(
                actions=["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"],
                resources=[queue.queue_arn],
            ),
            iam.PolicyStatement(
                actions=["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                resources=[results.table_arn],
            ),
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
            alarm_description="Something that forecast-orders could not work on lies in its dead-letter queue.",
            metric=letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
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
        # It holds every message until it is done, so senders never wait for the task.
        queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # As long as a task keeps it hidden; each receive says so itself.
            visibility_timeout=cdk.Duration.seconds(HIDDEN_SECONDS),
            retention_period=cdk.Duration.days(4),
            # A receive without a message waits this long, so that asking an empty queue costs little.
            receive_message_wait_time=cdk.Duration.seconds(20),
            # What fails comes back ten seconds later, then twice as long each time; what hangs or kills its task does not go on.
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

    def _make_waiting_alarm(self, queue: sqs.Queue) -> cloudwatch.Alarm:
        # Messages come faster than they are worked on, or one of them fails again and again.
        return cloudwatch.Alarm(
            self,
            "MessagesWait",
            alarm_description="A message of forecast-orders has waited for more than 960 s.",
            metric=queue.metric_approximate_age_of_oldest_message(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=960,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

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

    def _tell_somebody(self, *alarms: cloudwatch.Alarm) -> None:
        if self._deployment.alarm_topic_arn:
            topic = sns.Topic.from_topic_arn(self, "AlarmTopic", self._deployment.alarm_topic_arn)
            for alarm in alarms:
                alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))
