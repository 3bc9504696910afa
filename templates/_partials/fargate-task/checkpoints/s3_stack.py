"""Where it is kept how far each run has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["make_checkpoints"]


def make_checkpoints(scope: Construct) -> tuple[dict[str, str], list[iam.PolicyStatement]]:
    """Return what the task is told about its checkpoints, and what it may do with them."""
    # How far each run has come. It bills per write and what is stored.
    bucket = s3.Bucket(
        scope,
        "Bucket",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(
                # As long as somebody may want to run again what failed.
                expiration=cdk.Duration.days(90),
                abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
            ),
        ],
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    cdk.Validations.of(bucket).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-S1",
            reason="Only the task reads and writes it, under a role of its own; access logs would be a second bucket.",
        ),
    )
    cdk.CfnOutput(scope, "CheckpointsBucket", description="How far each run has come.", value=bucket.bucket_name)
    objects = iam.PolicyStatement(
        actions=["s3:GetObject", "s3:PutObject"],
        resources=[bucket.arn_for_objects("runs/*")],
    )
    # Without it S3 answers that it may not say, instead of that there is no checkpoint.
    listing = iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket.bucket_arn])
    cdk.Validations.of(scope).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-IAM5[Resource::<Bucket83908E77.Arn>/runs/*]",
            reason="Each run has an object of its own below this prefix of the service's own bucket.",
        ),
    )
    return {"CHECKPOINTS": bucket.bucket_name}, [objects, listing]
