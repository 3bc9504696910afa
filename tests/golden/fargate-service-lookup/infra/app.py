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
    Deployment(
        name="dev",
        log_retention=RetentionDays.ONE_WEEK,
        name_parameter="/forecast-scale/dev/domain-name",
    ),
    Deployment(
        name="staging",
        log_retention=RetentionDays.TWO_WEEKS,
        name_parameter="/forecast-scale/staging/domain-name",
    ),
    Deployment(
        name="prod",
        log_retention=RetentionDays.THREE_MONTHS,
        name_parameter="/forecast-scale/prod/domain-name",
    ),
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
