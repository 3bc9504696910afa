{% block intro %}{% endblock %}

from __future__ import annotations

import argparse
{% block before_sys %}{% endblock %}
import sys
import time
from datetime import UTC, datetime
{% block typing %}{% endblock %}

import boto3
{% block after_typing %}{% endblock %}

REGION = "{{ aws_region }}"
PAUSE_SECONDS = 5


def main() -> int:
    """Start a run, show what it says until it has ended, and return 0 when it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack to start it in")
{% block arguments %}
    by_hand = datetime.now(UTC).strftime("by-hand-%Y-%m-%dT%H-%M-%S")
    parser.add_argument("--run-id", default=by_hand, help="a run of this id that was begun goes on")
    parser.add_argument("--seed", type=int, help="which forecast; else as infra/stack.py says")
    parser.add_argument("--parcels", type=int, help="of how many parcels; else as infra/stack.py says")
{% endblock %}
{% block more_arguments %}{% endblock %}
    options = parser.parse_args()
    names = outputs(options.stack)
{% block order %}
    order = {"run_id": options.run_id, "seed": options.seed, "parcels": options.parcels}
    order = {name: value for name, value in order.items() if value is not None}
    run_id = options.run_id
{% endblock %}
    log = Log(f"/{{ "batch" if on_batch else "ecs" }}/{options.stack}", {% block watched %}run_id{% endblock %}, datetime.now(UTC))
{% block start %}{% endblock %}


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

{% block methods %}{% endblock %}

if __name__ == "__main__":
    sys.exit(main())
