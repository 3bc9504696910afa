{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
{% endblock %}
{% block resources %}
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
{% include "templates/_partials/idempotency/statement.py" %}
            ],
        )
        self._take_messages(function, queue)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows these three.
        self._tell_somebody(
            self._make_dead_letters_alarm(letters),
            self._make_waiting_alarm(queue),
            self._make_throttles_alarm(function),
        )
{% endblock %}
{% block methods %}
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
            visibility_timeout=cdk.Duration.seconds({{ decision.batching.visibility_timeout_seconds }}),
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

{% include "templates/_partials/idempotency/table.py" %}
    def _take_messages(self, function: lambda_.Function, queue: sqs.Queue) -> None:
        source = SqsEventSource(
            queue,
            # About a second of work. Up to 10 come with one receive; more wait up to a second to fill the batch.
            batch_size={{ decision.batching.batch_size }},
            max_batching_window=cdk.Duration.seconds({{ decision.batching.window_seconds }}),
            # Only the messages that failed come back; without it one bad message brings back the whole batch.
            report_batch_item_failures=True,
{% if decision.batching.maximum_concurrency %}
            # What the function calls takes no more at once; a spike waits in the queue.
            max_concurrency={{ decision.batching.maximum_concurrency }},
{% endif %}
        )
        function.add_event_source(source)
        cdk.Validations.of(function).acknowledge(
            cdk.Acknowledgment(
                id="Serverless::Serverless-LambdaEventSourceMappingDestination",
                reason="The queue has a dead-letter queue; destinations are for streams.",
            ),
        )

{% include "templates/_partials/alarms/dead_letters.py" %}
    def _make_waiting_alarm(self, queue: sqs.Queue) -> cloudwatch.Alarm:
        # Messages come faster than they are worked on, or one of them fails again and again.
        return cloudwatch.Alarm(
            self,
            "MessagesWait",
            alarm_description="A message of {{ project_name }} has waited for more than {{ decision.batching.old_after_seconds }} s.",
            metric=queue.metric_approximate_age_of_oldest_message(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold={{ decision.batching.old_after_seconds }},
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
