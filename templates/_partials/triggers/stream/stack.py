{% set changing = "moves" if kinesis else "parcels" %}
{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
{% endblock %}
{% block before_lambda %}
{% if kinesis %}
from aws_cdk import aws_kinesis as kinesis
{% endif %}
{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import {{ "KinesisEventSource" if kinesis else "DynamoEventSource" }}, SqsDlq
{% endblock %}
{% block resources %}
        {{ changing }} = self._make_{{ changing }}()
        letters = self._make_dead_letters()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # Two days: a stream holds its records for one, and hands none out after that.
                "IDEMPOTENCY_SECONDS": "172800",
            },
            [
{% include "templates/_partials/triggers/stream/" ~ stream_source ~ "/reads.py" %}
                # The mapping sends what failed for good, with this role.
                iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn]),
{% include "templates/_partials/idempotency/statement.py" %}
            ],
        )
{% if not kinesis %}
        any_stream = f"<{self.get_logical_id(parcels.node.default_child)}.Arn>/stream/*"
        cdk.Validations.of(self.node.find_child("FunctionRole")).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{any_stream}]",
                reason="A stream's name is the moment it was made; this one table has a single stream.",
            ),
        )
{% endif %}
        self._take_changes(function, {{ changing }}, letters)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows these three.
        self._tell_somebody(
            self._make_dead_letters_alarm(letters),
            self._make_waiting_alarm(function),
            self._make_throttles_alarm(function),
        )
{% include "templates/_partials/triggers/stream/" ~ stream_source ~ "/output.py" %}
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where the sequence numbers of records lie that could not be worked on.",
            value=letters.queue_url,
        )
{% endblock %}
{% block methods %}
{% include "templates/_partials/triggers/stream/" ~ stream_source ~ "/source.py" %}
{% include "templates/_partials/asynchronous/dead_letters.py" %}
{% include "templates/_partials/idempotency/table.py" %}
    def _take_changes(self, function: lambda_.Function, {{ "moves: kinesis.Stream" if kinesis else "parcels: dynamodb.Table" }}, letters: sqs.Queue) -> None:
        source = {{ "KinesisEventSource" if kinesis else "DynamoEventSource" }}(
            {{ changing }},
            # From the oldest record there is, so that none is missed between the {{ "stream" if kinesis else "table" }} and this mapping.
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            # About a second of work.
            batch_size={{ decision.batching.batch_size }},
            # Batches of one shard at once; a key is never in two of them. A new {{ "stream" if kinesis else "table" }} has four shards:
            # {{ 4 * stream_parallelization }} records at once.
            parallelization_factor={{ stream_parallelization }},
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

{% include "templates/_partials/alarms/dead_letters.py" %}
    def _make_waiting_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # Changes come faster than they are worked on, or one of them fails again and again and holds up the rest.
        return cloudwatch.Alarm(
            self,
            "RecordsWait",
            alarm_description="A change of {{ project_name }} has waited for more than ten minutes.",
            metric=function.metric("IteratorAge", statistic="Maximum", period=cdk.Duration.minutes(5)),
            threshold=cdk.Duration.minutes(10).to_milliseconds(),
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
