{% block intro %}{% endblock %}

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
{% block before_logs %}{% endblock %}
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
{% block after_sns %}{% endblock %}
{% block modules %}{% endblock %}

if TYPE_CHECKING:
{% block typing %}{% endblock %}
{% block tier_typing %}{% endblock %}
    from constructs import Construct
{% block typing_after %}{% endblock %}

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
{% block resources %}{% endblock %}
{% include "templates/_partials/iac/cdk/log_group.py" %}
{% block dead_letters %}
{% include "templates/_partials/alarms/dead_letters.py" %}
{% endblock %}
{% block methods %}{% endblock %}
{% include "templates/_partials/iac/cdk/tell_somebody.py" %}
{% block functions %}{% endblock %}
