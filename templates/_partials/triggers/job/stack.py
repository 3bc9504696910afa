{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_destinations import SqsDestination
{% endblock %}
{% block resources %}
        letters = self._make_dead_letters()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # A day: longer than Lambda tries (6 hours), and than a pipeline starts the same job again by mistake.
                "IDEMPOTENCY_SECONDS": "86400",
            },
            [
{% include "templates/_partials/asynchronous/statements.py" %}
            ],
        )
{% with longest_wait_seconds = 21600 %}
{% include "templates/_partials/asynchronous/retries.py" %}
{% endwith %}
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows three.
        self._tell_somebody(self._make_dead_letters_alarm(letters), self._make_throttles_alarm(function))
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where jobs lie that could not be done.",
            value=letters.queue_url,
        )
{% endblock %}
{% block methods %}
{% include "templates/_partials/asynchronous/dead_letters.py" %}
{% include "templates/_partials/idempotency/table.py" %}
{% include "templates/_partials/alarms/dead_letters.py" %}
{% endblock %}
