"""Delete every object in a stack's bucket, in all its versions: CloudFormation deletes an empty bucket only.

usage: empty_bucket.py STACK_NAME
"""

from __future__ import annotations

import sys

import boto3

REGION = "us-east-1"
# The stack's outputs that name a bucket.
BUCKETS = ("BucketName", "CheckpointsBucket")


def main(stack_name: str) -> int:
    """Empty the stack's bucket and say how much was in it."""
    [stack] = boto3.client("cloudformation", region_name=REGION).describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    for bucket in (outputs[name] for name in BUCKETS if name in outputs):
        sys.stdout.write(f"{bucket}: {empty(bucket)} versions deleted\n")
    return 0


def empty(bucket: str) -> int:
    """Delete all versions of all objects, a page at a time, and return how many there were.

    Raises:
        RuntimeError: S3 keeps one.
    """
    s3 = boto3.client("s3", region_name=REGION)
    deleted = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [(item["Key"], item["VersionId"]) for item in page.get("Versions", [])]
        versions += [(item["Key"], item["VersionId"]) for item in page.get("DeleteMarkers", [])]
        if not versions:
            continue
        answer = s3.delete_objects(
            Bucket=bucket,
            Delete={"Objects": [{"Key": key, "VersionId": version} for key, version in versions], "Quiet": True},
        )
        for kept in answer.get("Errors", []):
            message = f"{bucket} keeps {kept.get('Key')}: {kept.get('Message')}"
            raise RuntimeError(message)
        deleted += len(versions)
    return deleted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
