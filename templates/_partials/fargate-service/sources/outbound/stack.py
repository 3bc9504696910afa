{% extends "templates/_partials/container/stack.py" %}
{% block intro %}
"""What AWS makes for this service; each part has a module beside this one.

{% filter trim | wordwrap(118) %}{% include trigger_folder ~ "/architecture.txt" %}{% endfilter %}

Nothing may bill while idle but what docs/adr/{{ record_file }} names with its price: tests/infra judges what comes
of this.
"""
{% endblock %}

{% block before_logs %}
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
{% endblock %}

{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
{% endblock %}

{% block modules %}
from compute import HEALTH_PORT, make_service
from network import ExistingNetwork, make_network
from scaling import AT_ONCE, scale
{% endblock %}

{% block typing %}
    from aws_cdk import aws_ecs as ecs
{% endblock %}

{% block constants %}
# Messages that a task has at most, at work or waiting, in half of its memory; then it stops reading.
HELD_AT_MOST = {{ decision.subscription.held_at_most }}
# The connection ends when a larger message comes.
MESSAGE_BYTES_AT_MOST = {{ decision.subscription.message_kib * 1024 }}
# Twice the slowest message: what takes longer hangs.
MESSAGE_SECONDS_AT_MOST = {{ decision.subscription.message_seconds_at_most }}
# A connection on which nothing was said for so long is opened anew. Say less than this only for a feed that often speaks.
SILENCE_SECONDS = 300
# What was heard when ECS stops a task may take this long.
DRAIN_SECONDS = 80
{% endblock %}

{% block deployment_attributes %}
        feed_parameter: The SSM parameter with the address of the feed. It exists before.
{% endblock %}
{% block deployment_fields %}
    feed_parameter: str
{% endblock %}

{% block resources %}
        letters = self._make_dead_letters()
        results, positions = self._make_results_table(), self._make_positions_table()
        scale(self, self._make_service(letters, results, positions), deployment.name)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one each, for these two and for two
        # that scale. docs/adr/{{ record_file }} allows them.
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

{% endblock %}

{% block methods %}
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

{% include "templates/_partials/fargate-service/results_table.py" %}

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
            alarm_description="A task of {{ project_name }} does not hear its feed, or no task runs.",
            metric=cloudwatch.Metric(
                namespace="{{ project_name }}",
                metric_name="Connected",
                dimensions_map={"service": "{{ project_name }}", "environment": self._deployment.name},
                statistic="Minimum",
                period=cdk.Duration.minutes(1),
            ),
            threshold=50,
            evaluation_periods=5,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )

{% endblock %}
