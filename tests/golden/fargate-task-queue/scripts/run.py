"""Start a run and follow it: the job that a message would be is submitted, its log is shown, its end the exit code."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

import boto3

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
    log = Log(f"/batch/{options.stack}", run_id, datetime.now(UTC))
    jobs = boto3.client("batch", region_name=REGION)
    submitted = jobs.submit_job(
        jobName=run_id,
        jobQueue=names["JobQueueArn"],
        jobDefinition=names["JobDefinitionArn"],
        containerOverrides={
            "environment": [{"name": name.upper(), "value": str(value)} for name, value in order.items()],
        },
    )
    sys.stdout.write(f"{run_id}: a job takes a minute to start, or waits for its turn; Ctrl-C leaves it alone\n")
    status = "SUBMITTED"
    while status not in {"FAILED", "SUCCEEDED"}:
        time.sleep(PAUSE_SECONDS)
        [job] = jobs.describe_jobs(jobs=[submitted["jobId"]])["jobs"]
        status = job["status"]
        log.show()
    sys.stdout.write(f"{run_id}: {status.lower()}, {job.get('statusReason', 'no reason given')}\n")
    return 0 if status == "SUCCEEDED" else 1


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


if __name__ == "__main__":
    sys.exit(main())
