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
{% endblock %}

{% block modules %}
from compute import make_service
from network import ExistingNetwork, make_network
from scaling import AT_ONCE, scale
{% endblock %}

{% block typing %}
    from aws_cdk import aws_ecs as ecs
{% endblock %}

{% block constants %}
# A message in hand is hidden for this long, time and again, as long as its task works on it.
HIDDEN_SECONDS = 120
# What is in hand when ECS stops a task may take this long. A receive that is under way takes 20 s before it ends.
DRAIN_SECONDS = 80
# Twice the slowest message: what takes longer hangs.
MESSAGE_SECONDS_AT_MOST = {{ decision.workers.message_seconds_at_most }}
{% endblock %}

{% block resources %}
        letters, queue = self._make_queues()
        results = self._make_results_table()
        scale(self, self._make_service(queue, results), queue)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one each for these two, six for those
        # that scale. docs/adr/{{ record_file }} allows them.
        self._tell_somebody(self._make_dead_letters_alarm(letters), self._make_waiting_alarm(queue))

    def _make_service(self, queue: sqs.Queue, results: dynamodb.Table) -> ecs.CfnService:
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            "QUEUE_URL": queue.queue_url,
            "RESULTS_TABLE": results.table_name,
            # Fourteen days, as long as a message can lie in the dead-letter queue before somebody sends it back.
            "RESULTS_SECONDS": "1209600",
            "AT_ONCE": str(AT_ONCE),
            "HIDDEN_SECONDS": str(HIDDEN_SECONDS),
            "MESSAGE_SECONDS_AT_MOST": str(MESSAGE_SECONDS_AT_MOST),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
        }
        statements = [
            iam.PolicyStatement(
                actions=["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"],
                resources=[queue.queue_arn],
            ),
            iam.PolicyStatement(
                actions=["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                resources=[results.table_arn],
            ),
        ]
        group = self._make_log_group("TaskLogs", f"/ecs/{self.stack_name}")
        return make_service(self, make_network(self, self._deployment.network), group, variables, statements)

{% endblock %}

{% block methods %}
{% with why_hidden = "As long as a task keeps it hidden; each receive says so itself.", hidden_seconds = "HIDDEN_SECONDS", why_receives = "What fails comes back ten seconds later, then twice as long each time; what hangs or kills its task does not go on." %}
{% include "templates/_partials/queues/make_queues.py" %}
{% endwith %}
{% with old_after_seconds = decision.workers.old_after_seconds %}
{% include "templates/_partials/alarms/waiting.py" %}
{% endwith %}
{% include "templates/_partials/fargate-service/results_table.py" %}

{% endblock %}
