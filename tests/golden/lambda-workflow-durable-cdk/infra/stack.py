"""What AWS makes for this service, resource by resource.

A durable function cuts a run into chunks and gives each to an execution of its own; Lambda keeps the checkpoints, a
queue what failed.
Nothing may bill while idle but what docs/adr/0001-compute-tier.md names with its price, and nothing may hold the
service below ten times its peak of less than 0.001 runs a second: tests/infra judges what comes of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

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
            f"tariff-forecasts-{deployment.name}",
            description="tariff-forecasts: Forecasts what the tariff will earn.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "tariff-forecasts", "environment": deployment.name},
        )
        self._deployment = deployment
        letters = self._make_dead_letters()
        # Executions are resources below the versions of this function, hence the ending. A run invokes its own version.
        executions = self.format_arn(
            service="lambda",
            resource="function",
            resource_name=f"{self.stack_name}-workflow:*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        function = self._make_function(
            {
                # Some seconds of work: what an invocation that is killed loses at most.
                "PAGE_PARCELS": "1000000",
                # Some pages before Lambda would stop it, an invocation ends by itself.
                "STOP_BEFORE_SECONDS": "60",
                # As many as a run has at most; no bound of ours.
                "CHUNKS_AT_ONCE": "200",
            },
            [
                iam.PolicyStatement(
                    actions=[
                        "lambda:CheckpointDurableExecution",
                        "lambda:GetDurableExecutionState",
                        "lambda:InvokeFunction",
                    ],
                    resources=[executions],
                ),
                # Lambda itself keeps what failed for good, with this role.
                iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn]),
            ],
            letters,
        )
        own = f"arn:<AWS::Partition>:lambda:{self.region}:<AWS::AccountId>:function:{self.stack_name}-workflow:*"
        cdk.Validations.of(self.node.find_child("FunctionRole")).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{own}]",
                reason="Each deployment is a version and each run an execution below it, of names that nobody knows before.",
            ),
        )
        workflow = self._make_workflow(function)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/0001-compute-tier.md allows these three.
        self._tell_somebody(
            self._make_dead_letters_alarm(letters),
            # Or a chunk of one; of a run that its caller waited for, the dead-letter queue knows nothing.
            self._make_runs_alarm(
                "RunsFailed",
                function.metric("DurableExecutionFailed", statistic="Sum", period=cdk.Duration.minutes(5)),
                "A run of tariff-forecasts failed.",
            ),
            self._make_throttles_alarm(function),
        )
        cdk.CfnOutput(
            self,
            "WorkflowArn",
            description="What starts a run, the alias of the newest version.",
            value=workflow.function_arn,
        )
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where failed runs are kept.",
            value=letters.queue_url,
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

    def _make_workflow(self, function: lambda_.Function) -> lambda_.Alias:
        # A run is started by a version and stays with it, whatever is deployed meanwhile; the alias names the newest one.
        alias = lambda_.Alias(self, "Workflow", alias_name="live", version=function.current_version)
        retries = lambda_.EventInvokeConfig(
            self,
            "Retries",
            function=function,
            qualifier=alias.alias_name,
            # A run that failed has tried each step often enough; Lambda must not begin it anew.
            retry_attempts=0,
        )
        # By its name alone CloudFormation does not know that the alias comes first.
        retries.node.add_dependency(alias)
        cdk.Validations.of(retries).acknowledge(
            cdk.Acknowledgment(
                id="Serverless::Serverless-LambdaAsyncFailureDestination",
                reason="The function has a dead-letter queue, which takes the order of a run that failed.",
            ),
        )
        return alias

    def _make_dead_letters_alarm(self, letters: sqs.Queue) -> cloudwatch.Alarm:
        # Something could not be worked on, however often it was tried; somebody has to look at it.
        return cloudwatch.Alarm(
            self,
            "DeadLettersArrived",
            alarm_description="Something that tariff-forecasts could not work on lies in its dead-letter queue.",
            metric=letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_runs_alarm(self, name: str, metric: cloudwatch.Metric, description: str) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            metric=metric,
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_function(
        self,
        variables: dict[str, str],
        statements: list[iam.PolicyStatement],
        letters: sqs.Queue,
    ) -> lambda_.Function:
        # Does a run, or a chunk of one, in steps; runs only while there is a step to do, at most 900 s at a time.
        group = self._make_log_group("FunctionLogs", f"/aws/lambda/{self.stack_name}-workflow")
        function = lambda_.Function(
            self,
            "Function",
            function_name=f"{self.stack_name}-workflow",
            code=lambda_.Code.from_asset(str(PACKAGE)),
            handler="tariff_forecasts.handlers.workflow.lambda_handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=512,
            timeout=cdk.Duration.seconds(900),
            ephemeral_storage_size=cdk.Size.mebibytes(512),
            # What the role allows is all said below; the CDK adds nothing to it.
            role=self._make_role(group, statements).without_policy_updates(),
            # For good: Lambda takes it only when a function is created.
            durable_config=lambda_.DurableConfig(
                # Of a whole run, twice the slowest and an hour; a run that hangs ends.
                execution_timeout=cdk.Duration.seconds(46800),
                # As long the history of a run that ended can be read. It bills its few bytes.
                retention_period=cdk.Duration.days(14),
            ),
            # Lambda puts the order of a run here that failed, was stopped or timed out.
            dead_letter_queue=letters,
            # A run that is at work needs the version that it began on.
            current_version_options=lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN),
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
        )
        cdk.CfnOutput(self, "FunctionName", description="The function, for its metrics.", value=function.function_name)
        return function

    def _make_role(self, group: logs.LogGroup, statements: list[iam.PolicyStatement]) -> iam.Role:
        # The function may write its own logs, traces and checkpoints, start its own chunks, and keep what failed. Add
        # a statement per resource it uses.
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
            alarm_description="The account has no concurrency left for tariff-forecasts.",
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
