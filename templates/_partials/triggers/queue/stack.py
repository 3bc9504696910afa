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
{% with why_hidden = "Six times the function's time-out, as Lambda asks: a batch in hand must not be handed out again.", hidden_seconds = decision.batching.visibility_timeout_seconds, why_receives = "Fewer than five would give up messages when Lambda itself sends some back under load." %}
{% include "templates/_partials/queues/make_queues.py" %}
{% endwith %}
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
{% with old_after_seconds = decision.batching.old_after_seconds %}
{% include "templates/_partials/alarms/waiting.py" %}
{% endwith %}
{% endblock %}
