"""Where it is kept how far each run has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["make_checkpoints"]


def make_checkpoints(scope: Construct) -> tuple[dict[str, str], list[iam.PolicyStatement]]:
    """Return what the task is told about its checkpoints, and what it may do with them."""
    # How far each run has come. It bills per write and its few bytes.
    table = dynamodb.Table(
        scope,
        "Checkpoints",
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        partition_key=dynamodb.Attribute(name="run_id", type=dynamodb.AttributeType.STRING),
        time_to_live_attribute="expires_at",
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    cdk.Validations.of(table).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-DDB3",
            reason="A checkpoint is worth nothing once its run is over; there is nothing to restore.",
        ),
    )
    cdk.CfnOutput(scope, "CheckpointsTable", description="How far each run has come.", value=table.table_name)
    # Ninety days: as long as somebody may want to run again what failed.
    variables = {"CHECKPOINTS": table.table_name, "CHECKPOINT_SECONDS": "7776000"}
    allowed = iam.PolicyStatement(actions=["dynamodb:GetItem", "dynamodb:PutItem"], resources=[table.table_arn])
    return variables, [allowed]
