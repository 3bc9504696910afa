{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
{% endblock %}
{% block before_sns %}
{% if trigger == "schedule" %}
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
{% endif %}
{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
{% endblock %}
{% block constants %}
{% if state_machine %}
# Which step follows which; tests/unit/test_definition.py runs it.
DEFINITION = Path(__file__).parents[1] / "workflow.asl.json"
{% endif %}
{% if trigger == "schedule" %}
# When a run starts, and what it is ordered to do.
SCHEDULE = scheduler.ScheduleExpression.expression("{{ schedule_expression }}", cdk.TimeZone.of("UTC"))
SCHEDULED_ORDER = {"version": 1, "seed": 7, "parcels": 1_000_000}
{% endif %}
{% endblock %}
{% block resources %}
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
{% if trigger == "schedule" %}
        self._start_by_the_clock(workflow, letters)
{% endif %}
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows these three.
        self._tell_somebody(
            # However often its steps were tried; somebody has to look into the dead-letter queue.
            self._make_runs_alarm(
                "RunsFailed",
                workflow.metric_failed(statistic="Sum", period=cdk.Duration.minutes(5)),
                "A run of {{ project_name }} failed and lies in its dead-letter queue.",
            ),
            # No Catch sees such an end; redrive the run, it goes on from its checkpoints.
            self._make_runs_alarm(
                "RunsTimedOut",
                workflow.metric_timed_out(statistic="Sum", period=cdk.Duration.minutes(5)),
                "A run of {{ project_name }} was ended after {{ workflow_timeout_seconds }} s.",
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
{% endblock %}
{% block methods %}
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

{% include "templates/_partials/asynchronous/dead_letters.py" %}
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

{% if trigger == "schedule" %}
{% include "templates/_partials/triggers/workflow/schedule.py" %}
{% endif %}
{% include "templates/_partials/triggers/workflow/runs_alarm.py" %}
{% endblock %}
