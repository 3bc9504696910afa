"""What AWS makes for this service, resource by resource.

A topic rule of AWS IoT Core passes every message of its topics to one function; what fails for good is kept in a
queue; a table remembers what was done.
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
from aws_cdk import aws_iot as iot
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_destinations import SqsDestination

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["PACKAGE", "Deployment", "ServiceStack"]

# The artefact of `make build`: reproducible and with bytecode. Bundling by the CDK would make another, slower one.
PACKAGE = Path(__file__).parents[1] / "dist" / "function.zip"
# The names after AS are those of event.py (tests/infra/test_mqtt_wiring.py compares them).
SELECT = "SELECT encode(*, 'base64') AS data, topic() AS topic, traceid() AS trace_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and each of the service's own metrics carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        log_level: What the function logs. Not above INFO: Lambda would drop the metrics, which are log lines too.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
        topic_filter: The topics whose messages are worked on, with + for one level and # for the rest. Environments of
            one account share their topics.
    """

    name: str
    log_retention: logs.RetentionDays
    log_level: lambda_.ApplicationLogLevel = lambda_.ApplicationLogLevel.INFO
    alarm_topic_arn: str = ""
    region: str = "us-east-1"
    topic_filter: str = "boxes/+/temperature"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"cold-boxes-{deployment.name}",
            description="cold-boxes: Watches the temperature of boxes with medicines.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "cold-boxes", "environment": deployment.name},
        )
        self._deployment = deployment
        letters = self._make_dead_letters()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # A day: a device that was offline sends again what it does not know to have arrived.
                "IDEMPOTENCY_SECONDS": "86400",
            },
            [
                iam.PolicyStatement(
                    actions=["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                    resources=[table.table_arn],
                ),
                iam.PolicyStatement(
                    # Lambda itself sends a call that failed for good, with this role.
                    actions=["sqs:SendMessage"],
                    resources=[letters.queue_arn],
                ),
            ],
        )
        function.configure_async_invoke(
            # After one minute and after two more; what has waited longer than this is kept as a dead letter untried.
            retry_attempts=2,
            max_event_age=cdk.Duration.seconds(21600),
            on_failure=SqsDestination(letters),
        )
        self._make_rule(function, letters)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/0001-compute-tier.md allows three.
        self._tell_somebody(self._make_dead_letters_alarm(letters), self._make_throttles_alarm(function))
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where messages lie that could not be delivered or worked on.",
            value=letters.queue_url,
        )

    def _make_rule(self, function: lambda_.Function, letters: sqs.Queue) -> None:
        # As the stack is called, but a rule's name has no hyphens.
        name = self.stack_name.replace("-", "_")
        # It passes each message on as it is; the rule engine would drop what is no JSON without a word.
        rule = iot.CfnTopicRule(
            self,
            "Rule",
            rule_name=name,
            topic_rule_payload=iot.CfnTopicRule.TopicRulePayloadProperty(
                description="Passes what devices publish to cold-boxes.",
                aws_iot_sql_version="2016-03-23",
                rule_disabled=False,
                sql=f"{SELECT} FROM '{self._deployment.topic_filter}'",
                actions=[
                    iot.CfnTopicRule.ActionProperty(
                        lambda_=iot.CfnTopicRule.LambdaActionProperty(function_arn=function.function_arn),
                    ),
                ],
                # What cannot be handed to Lambda; what Lambda cannot work on goes the same way by itself.
                error_action=iot.CfnTopicRule.ActionProperty(
                    sqs=iot.CfnTopicRule.SqsActionProperty(
                        queue_url=letters.queue_url,
                        role_arn=self._make_rule_role(name, letters).role_arn,
                        use_base64=False,
                    ),
                ),
            ),
        )
        # This rule of this account alone may start the function.
        function.add_permission(
            "RulePermission",
            principal=iam.ServicePrincipal("iot.amazonaws.com"),
            source_account=self.account,
            source_arn=rule.attr_arn,
        )
        cdk.CfnOutput(
            self,
            "TopicFilter",
            description="The topics whose messages are worked on.",
            value=self._deployment.topic_filter,
        )
        cdk.CfnOutput(self, "RuleName", description="The rule that passes the messages on.", value=rule.ref)

    def _make_rule_role(self, rule_name: str, letters: sqs.Queue) -> iam.Role:
        # The rule may keep what it cannot deliver, and do nothing else.
        keeps_letters = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn])
        # By name, because role and rule would otherwise wait for each other.
        rule = self.format_arn(service="iot", resource="rule", resource_name=rule_name)
        return iam.Role(
            self,
            "RuleRole",
            assumed_by=iam.ServicePrincipal(
                "iot.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": self.account, "aws:SourceArn": rule}},
            ),
            inline_policies={"rule": iam.PolicyDocument(statements=[keeps_letters])},
        )

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

    def _make_dead_letters_alarm(self, letters: sqs.Queue) -> cloudwatch.Alarm:
        # Something could not be worked on, however often it was tried; somebody has to look at it.
        return cloudwatch.Alarm(
            self,
            "DeadLettersArrived",
            alarm_description="Something that cold-boxes could not work on lies in its dead-letter queue.",
            metric=letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_function(self, variables: dict[str, str], statements: list[iam.PolicyStatement]) -> lambda_.Function:
        # Works on every message of the topics; runs only while there are any.
        group = self._make_log_group("FunctionLogs", f"/aws/lambda/{self.stack_name}-mqtt")
        function = lambda_.Function(
            self,
            "Function",
            function_name=f"{self.stack_name}-mqtt",
            code=lambda_.Code.from_asset(str(PACKAGE)),
            handler="cold_boxes.handlers.mqtt.lambda_handler",
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
                reason="What fails for good goes to the queue DeadLetters through DestinationConfig, which also says why it failed.",
            ),
        )
        cdk.CfnOutput(self, "FunctionName", description="The function, for its metrics.", value=function.function_name)
        return function

    def _make_role(self, group: logs.LogGroup, statements: list[iam.PolicyStatement]) -> iam.Role:
        # The function may keep its records and its dead letters, write its own logs and traces, and do nothing else.
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
            alarm_description="The account has no concurrency left for cold-boxes.",
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
