{% extends "templates/_partials/container/stack.py" %}
{% block intro %}
"""What AWS makes for this service; each part has a module beside this one.

{% filter trim | wordwrap(118) %}{% include trigger_folder ~ "/architecture.txt" %}{% endfilter %}

There is no ECS service: a task exists only while it works. Nothing may bill while idle but what
docs/adr/{{ record_file }} names with its price: tests/infra judges what comes of this.
"""
{% endblock %}

{% block modules %}
from checkpoints import make_checkpoints
from compute import Compute, make_compute
from failures import keep_failures, make_dead_letters
from network import ExistingNetwork, make_network
{% block imports %}{% endblock %}
{% endblock %}

{% block typing %}
    from aws_cdk import aws_sqs as sqs
{% endblock %}

{% block resources %}
        letters = make_dead_letters(self)
        compute = self._make_compute()
        keep_failures(self, compute, letters)
{% block start %}{% endblock %}
        # An alarm bills $0.10 a month, idle or not; docs/adr/{{ record_file }} allows this one.
        self._tell_somebody(self._make_dead_letters_alarm(letters))

    def _make_compute(self) -> Compute:
        where, rights = make_checkpoints(self)
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            # Twice the slowest run: what takes longer hangs.
            "RUN_SECONDS_AT_MOST": "{{ run_seconds_at_most }}",
            **where,
            **ORDER,
        }
        group = self._make_log_group("TaskLogs", f"/ecs/{self.stack_name}")
        return make_compute(self, make_network(self, self._deployment.network), group, variables, rights)

{% endblock %}
