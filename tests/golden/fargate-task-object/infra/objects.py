"""Where objects arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["make_objects"]


def make_objects(scope: Construct, retention_days: int) -> tuple[s3.Bucket, iam.PolicyStatement]:
    """Make the bucket, and return it with what a task may do with it."""
    # It bills for what it stores, and lets EventBridge tell of each object.
    bucket = s3.Bucket(
        scope,
        "Objects",
        # A run is of one version, which stays what it was even if the key is written again before it is read.
        versioned=True,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="nothing-stays-for-ever",
                expiration=cdk.Duration.days(retention_days),
                # A dead letter names a version and lies for 14 days.
                noncurrent_version_expiration=cdk.Duration.days(15),
                abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
            ),
            s3.LifecycleRule(id="nor-what-marks-a-deletion", expired_object_delete_marker=True),
        ],
        # CloudFormation deletes an empty bucket only: `make destroy` empties it first.
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    # With `event_bridge_enabled` the CDK would deploy a function of its own to say this one thing.
    bucket.node.default_child.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True),
    )
    cdk.Validations.of(bucket).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-S1",
            reason="Access logs are a second bucket that grows; CloudTrail data events say more where they are needed.",
        ),
    )
    cdk.Validations.of(scope).acknowledge(
        cdk.Acknowledgment(
            id=f"AwsSolutions::AwsSolutions-IAM5[Resource::<{cdk.Stack.of(scope).get_logical_id(bucket.node.default_child)}.Arn>/*]",
            reason="Every object of this one bucket is for a task to read.",
        ),
    )
    cdk.CfnOutput(
        scope,
        "BucketName",
        description="Where objects are put; a sender needs s3:PutObject on it.",
        value=bucket.bucket_name,
    )
    reading = iam.PolicyStatement(actions=["s3:GetObjectVersion"], resources=[bucket.arn_for_objects("*")])
    return bucket, reading
