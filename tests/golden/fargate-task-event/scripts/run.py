"""Start a run now and follow it: the task that an event would start, its log, and its exit code."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_ecs.type_defs import KeyValuePairTypeDef

REGION = "us-east-1"
PAUSE_SECONDS = 5


def main() -> int:
    """Start a run, show what it says until it has ended, and return 0 when it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack to start it in")
    by_hand = datetime.now(UTC).strftime("by-hand-%Y-%m-%dT%H-%M-%S")
    parser.add_argument("--run-id", default=by_hand, help="a run of this id that was begun goes on")
    parser.add_argument("--seed", type=int, help="which forecast; else as infra/stack.py says")
    parser.add_argument("--parcels", type=int, help="of how many parcels; else as infra/stack.py says")
    options = parser.parse_args()
    names = outputs(options.stack)
    order = {"run_id": options.run_id, "seed": options.seed, "parcels": options.parcels}
    order = {name: value for name, value in order.items() if value is not None}
    run_id = options.run_id
    log = Log(f"/ecs/{options.stack}", run_id, datetime.now(UTC))
    cluster, task = start(names, order)
    sys.stdout.write(f"{run_id}: a task takes half a minute to start; Ctrl-C leaves the run alone\n")
    ended = None
    while ended is None:
        time.sleep(PAUSE_SECONDS)
        log.show()
        ended = end_of(cluster, task)
    log.show()
    code, reason = ended
    sys.stdout.write(f"{run_id}: {reason}, exit code {code}\n")
    return code


def outputs(stack: str) -> dict[str, str]:
    """Return the outputs of a stack."""
    [found] = boto3.client("cloudformation", region_name=REGION).describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


class Log:
    """The lines of one run, each shown once."""

    def __init__(self, group: str, run_id: str, since: datetime) -> None:
        self._client = boto3.client("logs", region_name=REGION)
        self._group = group
        self._run_id = run_id
        self._since = int(since.timestamp() * 1000)
        self._shown: set[str] = set()

    def show(self) -> None:
        """Show what was said since the last look."""
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._group,
            startTime=self._since,
            filterPattern='{ $.run_id = "RUN" }'.replace("RUN", self._run_id),
        )
        for event in (event for page in pages for event in page["events"]):
            if event["eventId"] not in self._shown:
                self._shown.add(event["eventId"])
                sys.stdout.write(f"{event['message']}\n")
        sys.stdout.flush()


def start(names: Mapping[str, str], order: Mapping[str, object]) -> tuple[str, str]:
    """Start the task on what and where an event would start it; return the cluster and the task."""
    environment: list[KeyValuePairTypeDef] = [
        {"name": name.upper(), "value": str(value)} for name, value in order.items()
    ]
    rules = boto3.client("events", region_name=REGION)
    rule = names["StartRuleArn"].rsplit("/", 1)[-1]
    [target] = rules.list_targets_by_rule(Rule=rule, EventBusName=names["EventBusName"])["Targets"]
    parameters = target["EcsParameters"]
    network = parameters["NetworkConfiguration"]["awsvpcConfiguration"]
    started = boto3.client("ecs", region_name=REGION).run_task(
        cluster=target["Arn"],
        taskDefinition=parameters["TaskDefinitionArn"],
        capacityProviderStrategy=parameters["CapacityProviderStrategy"],
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": network["Subnets"],
                "securityGroups": network["SecurityGroups"],
                "assignPublicIp": network["AssignPublicIp"],
            },
        },
        overrides={"containerOverrides": [{"name": "job", "environment": environment}]},
        propagateTags="TASK_DEFINITION",
    )
    for failure in started["failures"]:
        message = f"the task could not be started: {failure.get('reason')}"
        raise SystemExit(message)
    return target["Arn"], started["tasks"][0]["taskArn"]


def end_of(cluster: str, task: str) -> tuple[int, str] | None:
    """Return the exit code of a task and why it ended; `None` while it runs."""
    known = boto3.client("ecs", region_name=REGION).describe_tasks(cluster=cluster, tasks=[task])["tasks"]
    if not known:
        message = f"{task}: it ended an hour ago or more, and ECS has forgotten how; its log says"
        raise SystemExit(message)
    [found] = known
    if found["lastStatus"] != "STOPPED":
        return None
    return found["containers"][0].get("exitCode", 1), found.get("stoppedReason", "stopped")


if __name__ == "__main__":
    sys.exit(main())
