"""Before the stack is deleted: nothing wakes the service any more, and its record says again what the stack wrote.

CloudFormation deletes no record that says anything else. `make destroy` runs this; Lambda does not.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from wake.effects import Record

if TYPE_CHECKING:
    from types_boto3_route53 import Route53Client

__all__ = ["leave"]

# As long as the function may be at it, and write the record once more: infra/waking.py.
TIMEOUT_SECONDS = 30


def leave(stack_name: str) -> str:
    """Shut the door of a deployment for good, and return what was done."""
    try:
        [stack] = boto3.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return f"{stack_name} is not deployed"
        raise
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    if not {"Name", "WakingName", "ZoneId"} <= set(outputs):
        return f"{stack_name} was never whole, so nothing has changed its record"
    waking, zone, name = outputs["WakingName"], outputs["ZoneId"], outputs["Name"]
    functions, route53 = boto3.client("lambda"), boto3.client("route53")
    # An attempt to delete the stack may have failed half-way, and none of them be there any more.
    with suppress(functions.exceptions.ResourceNotFoundException):
        functions.put_function_concurrency(FunctionName=waking, ReservedConcurrentExecutions=0)
        time.sleep(TIMEOUT_SECONDS)
    with suppress(route53.exceptions.NoSuchHostedZone):
        if _has_record(route53, zone, name):
            Record(route53, zone, name).write([])
    undo = f"aws lambda delete-function-concurrency --function-name {waking}"
    return f"{stack_name} is not woken any more; should it stay after all: {undo}"


def _has_record(route53: Route53Client, zone: str, name: str) -> bool:
    found = route53.list_resource_record_sets(
        HostedZoneId=zone,
        StartRecordName=name,
        StartRecordType="A",
        MaxItems="1",
    )
    return any(one["Type"] == "A" and one["Name"].rstrip(".") == name for one in found["ResourceRecordSets"])


if __name__ == "__main__":
    sys.stdout.write(f"{leave(sys.argv[1])}\n")
