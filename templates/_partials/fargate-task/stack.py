{% extends "templates/_partials/container/stack.py" %}
{% block intro %}
"""What AWS makes for this service; each part has a module beside this one.

{% filter trim | wordwrap(118) %}{% include trigger_folder ~ "/architecture.txt" %}{% endfilter %}

{{ "There are no machines that wait" if on_batch else "There is no ECS service" }}: a task exists only while it works. Nothing may bill while idle but what
docs/adr/{{ record_file }} names with its price: tests/infra judges what comes of this.
"""
{% endblock %}

{% block modules %}
from checkpoints import make_checkpoints
from compute import Compute, make_compute
from failures import keep_failures, make_dead_letters
{% if event_source == "queue" %}
from messages import make_messages
{% endif %}
from network import ExistingNetwork, make_network
{% block imports %}{% endblock %}
{% endblock %}

{% block tier_typing %}
    from aws_cdk import aws_sqs as sqs
{% endblock %}

{% block resources %}
        letters = make_dead_letters(self)
{% block compute %}
        compute = self._make_compute()
{% endblock %}
        keep_failures(self, compute, letters)
{% block start %}{% endblock %}
        # An alarm bills $0.10 a month, idle or not; docs/adr/{{ record_file }} allows this one.
        self._tell_somebody(self._make_dead_letters_alarm(letters))

    def _make_compute(self{% block given %}{% endblock %}) -> Compute:
        where, rights = make_checkpoints(self)
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region{% if not on_batch %}; ECS sets another variable only{% endif %}.
            "AWS_DEFAULT_REGION": self.region,
            # Twice the slowest run: what takes longer hangs.
            "RUN_SECONDS_AT_MOST": "{{ run_seconds_at_most }}",
            **where,
{% block told %}
            **ORDER,
{% endblock %}
        }
        group = self._make_log_group("TaskLogs", f"/{{ "batch" if on_batch else "ecs" }}/{self.stack_name}")
{% if on_batch %}
        network = make_network(self, self._deployment.network)
        return make_compute(
            self,
            network,
            group,
            variables,
            rights,
            tasks_at_once=self._deployment.tasks_at_once,
        )
{% else %}
        return make_compute(self, make_network(self, self._deployment.network), group, variables, {% block rights %}rights{% endblock %})
{% endif %}

{% endblock %}
