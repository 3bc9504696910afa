{% extends "templates/_partials/triggers/workflow/stack.py" %}
{% block before_iam %}{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
{% endblock %}
{% block resources %}
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
{% if downstream_concurrency %}
                # What the function calls takes no more at once.
{% else %}
                # As many as a run has at most; no bound of ours.
{% endif %}
                "CHUNKS_AT_ONCE": "{{ downstream_concurrency or 200 }}",
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
{% if trigger == "schedule" %}
        self._start_by_the_clock(workflow, letters)
{% endif %}
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows these three.
        self._tell_somebody(
            self._make_dead_letters_alarm(letters),
            # Or a chunk of one; of a run that its caller waited for, the dead-letter queue knows nothing.
            self._make_runs_alarm(
                "RunsFailed",
                function.metric("DurableExecutionFailed", statistic="Sum", period=cdk.Duration.minutes(5)),
                "A run of {{ project_name }} failed.",
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
{% endblock %}
{% block methods %}
{% include "templates/_partials/asynchronous/dead_letters.py" %}
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

{% if trigger == "schedule" %}
{% include "templates/_partials/triggers/workflow/schedule.py" %}
{% endif %}
{% include "templates/_partials/alarms/dead_letters.py" %}
{% include "templates/_partials/triggers/workflow/runs_alarm.py" %}
{% endblock %}
