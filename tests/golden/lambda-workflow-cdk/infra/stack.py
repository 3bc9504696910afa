"""What AWS makes for this service, resource by resource.

A state machine cuts a run into chunks and calls one function step by step; a table keeps the checkpoints, a queue
what failed.
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
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["PACKAGE", "Deployment", "ServiceStack"]

# The artefact of `make build`: reproducible and with bytecode. Bundling by the CDK would make another, slower one.
PACKAGE = Path(__file__).parents[1] / "dist" / "function.zip"
# Which step follows which; tests/unit/test_definition.py runs it.
DEFINITION = Path(__file__).parents[1] / "workflow.asl.json"


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
        checkpoints = self._make_checkpoints()
        letters = self._make_dead_letters()
        function = self._make_function(
            {
                "CHECKPOINT_TABLE": checkpoints.table_name,
                # Thirty days after a chunk was last worked on; a run that timed out can be redriven for fourteen.
                "CHECKPOINT_SECONDS": "2592000",
                # Some seconds of work: what a step that is killed loses at most.
                "PAGE_PARCELS": "1000000",
                # Some pages before Lambda would stop it, a step ends by itself.
                "STOP_BEFORE_SECONDS": "60",
            },
            [
                iam.PolicyStatement(
                    actions=["dynamodb:GetItem", "dynamodb:PutItem"],
                    resources=[checkpoints.table_arn],
                ),
            ],
        )
        workflow = self._make_workflow(function, letters)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/0001-compute-tier.md allows these three.
        self._tell_somebody(
            # However often its steps were tried; somebody has to look into the dead-letter queue.
            self._make_runs_alarm(
                "RunsFailed",
                workflow.metric_failed(statistic="Sum", period=cdk.Duration.minutes(5)),
                "A run of tariff-forecasts failed and lies in its dead-letter queue.",
            ),
            # No Catch sees such an end; redrive the run, it goes on from its checkpoints.
            self._make_runs_alarm(
                "RunsTimedOut",
                workflow.metric_timed_out(statistic="Sum", period=cdk.Duration.minutes(5)),
                "A run of tariff-forecasts was ended after 46800 s.",
            ),
            self._make_throttles_alarm(function),
        )
        cdk.CfnOutput(
            self,
            "WorkflowArn",
            description="The state machine, to start runs.",
            value=workflow.state_machine_arn,
        )
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where failed runs are kept.",
            value=letters.queue_url,
        )

    def _make_checkpoints(self) -> dynamodb.Table:
        # It keeps how far each chunk has come, so that a step that was killed goes on; it bills per write and byte.
        checkpoints = dynamodb.Table(
            self,
            "Checkpoints",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="run_id", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="chunk_start", type=dynamodb.AttributeType.NUMBER),
            time_to_live_attribute="expires_at",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(checkpoints).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="A checkpoint is worth nothing once its run is over; there is nothing to restore.",
            ),
        )
        return checkpoints

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

    def _make_workflow(self, function: lambda_.Function, letters: sqs.Queue) -> stepfunctions.StateMachine:
        # Below this prefix Step Functions needs no entry of its own in the account's log policy, which has a size limit.
        group = self._make_log_group("WorkflowLogs", f"/aws/vendedlogs/states/{self.stack_name}")
        workflow = stepfunctions.StateMachine(
            self,
            "Workflow",
            state_machine_name=f"{self.stack_name}-workflow",
            # A run may take up to a year and bills per transition, $0.025 a thousand; Express ends after five minutes.
            state_machine_type=stepfunctions.StateMachineType.STANDARD,
            definition_body=stepfunctions.DefinitionBody.from_file(str(DEFINITION)),
            definition_substitutions={"FunctionArn": function.function_arn, "DeadLettersUrl": letters.queue_url},
            role=self._make_workflow_role(function, letters).without_policy_updates(),
            logs=stepfunctions.LogOptions(
                destination=group,
                level=stepfunctions.LogLevel.ERROR,
                # What a run was ordered to do stays out of the logs; the dead-letter queue has it.
                include_execution_data=False,
            ),
            tracing_enabled=True,
        )
        cdk.Validations.of(workflow).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-SF1",
                reason="Errors alone are logged: every state that is logged bills, and the run's history has them all.",
            ),
        )
        return workflow

    def _make_workflow_role(self, function: lambda_.Function, letters: sqs.Queue) -> iam.Role:
        # The workflow may call its function, keep a failed run, and deliver its own logs and traces.
        calls_function = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function.function_arn])
        keeps_failed_runs = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn])
        delivers_logs = iam.PolicyStatement(
            actions=[
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
            resources=["*"],
        )
        writes_traces = iam.PolicyStatement(
            actions=[
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            resources=["*"],
        )
        role = iam.Role(
            self,
            "WorkflowRole",
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            ),
            inline_policies={
                "workflow": iam.PolicyDocument(
                    statements=[calls_function, keeps_failed_runs, delivers_logs, writes_traces],
                ),
            },
        )
        cdk.Validations.of(role).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-IAM5[Resource::*]",
                reason="Delivery of logs is set for the account, and X-Ray knows no resources: AWS offers nothing narrower.",
            ),
        )
        return role

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

    def _make_function(self, variables: dict[str, str], statements: list[iam.PolicyStatement]) -> lambda_.Function:
        # Does one step of a run in at most 900 s; runs only while there is a step to do.
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
                reason="The workflow waits for each step, tries it again and keeps the run that failed; a queue on the function is for asynchronous calls.",
            ),
        )
        cdk.CfnOutput(self, "FunctionName", description="The function, for its metrics.", value=function.function_name)
        return function

    def _make_role(self, group: logs.LogGroup, statements: list[iam.PolicyStatement]) -> iam.Role:
        # The function may write its own logs, traces and checkpoints and do nothing else. Add a statement per
        # resource it uses.
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
