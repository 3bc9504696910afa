"""Before the stack is deleted: nothing wakes the service any more, and its record says again what the stack wrote.

CloudFormation deletes no record that says anything else. `make destroy` runs this; Lambda does not.
"""

from __future__ import annotations

import sys
import time

import boto3
from botocore.exceptions import ClientError

from wake.effects import Record

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
    waking = outputs["WakingName"]
    boto3.client("lambda").put_function_concurrency(FunctionName=waking, ReservedConcurrentExecutions=0)
    time.sleep(TIMEOUT_SECONDS)
    Record(boto3.client("route53"), outputs["ZoneId"], outputs["Name"]).write([])
    undo = f"aws lambda delete-function-concurrency --function-name {waking}"
    return f"{stack_name} is not woken any more; should it stay after all: {undo}"


if __name__ == "__main__":
    sys.stdout.write(f"{leave(sys.argv[1])}\n")
