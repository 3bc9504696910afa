"""The service in every environment: `make deploy ENV=prod` deploys one of these stacks, tests/infra judges all.

Nothing is read from the CDK's context, so what `python infra/app.py` writes is what is deployed. No container engine is
needed for that; the image is built when a stack is deployed.
"""

from __future__ import annotations

import os
import sys

import aws_cdk as cdk
from aws_cdk.aws_logs import RetentionDays
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from stack import Deployment, ServiceStack

DEPLOYMENTS = (
{% for name, retention in [("dev", "ONE_WEEK"), ("staging", "TWO_WEEKS"), ("prod", "THREE_MONTHS")] %}
{% if event_source in ["connections", "grpc", "lookup", "outbound", "requests", "sse"] %}
    Deployment(
        name="{{ name }}",
        log_retention=RetentionDays.{{ retention }},
        {{ {"lookup": "name", "outbound": "feed"}[event_source] | default("certificate") }}_parameter="/{{ project_name }}/{{ name }}/{{ {"lookup": "domain-name", "outbound": "feed-url"}[event_source] | default("certificate-arn") }}",
    ),
{% else %}
    Deployment(name="{{ name }}", log_retention=RetentionDays.{{ retention }}),
{% endif %}
{% endfor %}
)


def main() -> int:
    """Write the CloudFormation of every environment."""
    app = cdk.App(analytics_reporting=False)
    # The CDK's own rules obey the same variable. tests/infra leaves both out: `make check` has them once.
    if os.environ.get("CDK_VALIDATION") != "false":
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(), ServerlessChecks())
    for deployment in DEPLOYMENTS:
        ServiceStack(app, deployment)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
