"""What AWS makes for this service; each part has a module beside this one.

{% filter trim | wordwrap(118) %}{% include trigger_folder ~ "/architecture.txt" %}{% endfilter %}

{{ "There are no machines that wait" if on_batch else "There is no ECS service" }}: a task exists only while it works. Nothing may bill while idle but what
docs/adr/{{ record_file }} names with its price: tests/infra judges what comes of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from checkpoints import make_checkpoints
from compute import Compute, make_compute
from failures import keep_failures, make_dead_letters
{% if event_source == "queue" %}
from messages import make_messages
{% endif %}
from network import ExistingNetwork, make_network
{% block imports %}{% endblock %}

if TYPE_CHECKING:
{% block typing %}{% endblock %}
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

__all__ = ["Deployment", "ExistingNetwork", "ServiceStack"]

{% block constants %}{% endblock %}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and metric carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
{% block deployment_attributes %}{% endblock %}
        network: The VPC that tasks start in. Without one the stack makes its own, which costs nothing.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
{% block deployment_fields %}{% endblock %}
    network: ExistingNetwork | None = None
    alarm_topic_arn: str = ""
    region: str = "{{ aws_region }}"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"{{ project_name }}-{deployment.name}",
            description={{ (project_name ~ ": " ~ description) | to_json(ensure_ascii=false) }},
            env=cdk.Environment(region=deployment.region),
            tags={"service": "{{ project_name }}", "environment": deployment.name},
        )
        self._deployment = deployment
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

{% include "templates/_partials/iac/cdk/log_group.py" %}
{% include "templates/_partials/alarms/dead_letters.py" %}
{% include "templates/_partials/iac/cdk/tell_somebody.py" %}
{% block functions %}{% endblock %}
