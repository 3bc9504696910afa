{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_lambda_destinations import SqsDestination
{% endblock %}
{% block attributes %}
        event_bus_name: The bus of this account whose events are worked on; it must exist.
{% endblock %}
{% block fields %}
    event_bus_name: str = "default"
{% endblock %}
{% block resources %}
        letters = self._make_dead_letters()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # Two days: longer than EventBridge (24 hours) and Lambda (6 hours) try to deliver one event.
                "IDEMPOTENCY_SECONDS": "172800",
            },
            [
{% include "templates/_partials/asynchronous/statements.py" %}
            ],
        )
{% with longest_wait_seconds = 21600 %}
{% include "templates/_partials/asynchronous/retries.py" %}
{% endwith %}
        self._make_rule(function, letters)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows three.
        self._tell_somebody(self._make_dead_letters_alarm(letters), self._make_throttles_alarm(function))
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where events lie that could not be delivered or worked on.",
            value=letters.queue_url,
        )
{% endblock %}
{% block methods %}
    def _make_rule(self, function: lambda_.Function, letters: sqs.Queue) -> None:
        bus = events.EventBus.from_event_bus_name(self, "EventBus", self._deployment.event_bus_name)
        events.Rule(
            self,
            "ParcelPosted",
            event_bus=bus,
            # Not by version: an unknown one should be rejected where somebody sees it, not passed over in silence.
            event_pattern=events.EventPattern(source=["acme.depot"], detail_type=["ParcelPosted"]),
            targets=[
                LambdaFunction(
                    function,
                    # Delivery alone; what the function makes of it is tried again by Lambda.
                    max_event_age=cdk.Duration.hours(24),
                    retry_attempts=185,
                    # The queue lets in what this rule could not deliver: EventBridge has no role to send it with.
                    dead_letter_queue=letters,
                ),
            ],
        )
        cdk.CfnOutput(
            self,
            "EventBusName",
            description="Where events are put; a sender needs events:PutEvents on this bus.",
            value=bus.event_bus_name,
        )

{% include "templates/_partials/asynchronous/dead_letters.py" %}
{% include "templates/_partials/idempotency/table.py" %}
{% include "templates/_partials/alarms/dead_letters.py" %}
{% endblock %}
