"""What starts a run for each event, and keeps the events that cannot be handed to a task."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_events as events
from compute import CONTAINER
from starts import let_in, make_starting_role, make_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sqs as sqs
    from compute import Compute

__all__ = ["Events", "keep", "start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Some of the events of a bus.

    Attributes:
        pattern: Which, as EventBridge writes it.
        bus: Where they are put.
    """

    pattern: Mapping[str, object]
    bus: str = "default"


def start(
    stack: cdk.Stack,
    compute: Compute,
    letters: sqs.Queue,
    which: Events,
    told: Mapping[str, str],
) -> None:
    """Start a run for each of some events.

    EventBridge puts what an event says into the variables of the task as it stands and escapes nothing, so the
    pattern must match no text that could end a variable and begin another.

    Args:
        stack: The deployment.
        compute: What a run is started on.
        letters: Where it is kept what could not be started.
        which: Which events.
        told: The variables of the run, as paths into the event. ECS takes 8,192 characters in all, so a run is told
            what it needs to find its work, not the work.
    """
    variables = [{"name": name, "value": f"<{name.lower()}>"} for name in told]
    overrides = json.dumps({"containerOverrides": [{"name": CONTAINER, "environment": variables}]})
    rule = events.CfnRule(
        stack,
        "Start",
        description="Starts a run for each event.",
        event_bus_name=which.bus,
        event_pattern=which.pattern,
        targets=[
            make_target(
                compute,
                make_starting_role(stack, "StartRole", "events.amazonaws.com", compute, letters),
                letters,
                "FARGATE_SPOT",
                events.CfnRule.InputTransformerProperty(
                    input_paths_map={name.lower(): path for name, path in told.items()},
                    input_template=overrides,
                ),
            ),
        ],
    )
    let_in(letters, rule)
    cdk.CfnOutput(stack, "StartRuleArn", description="What starts runs.", value=rule.attr_arn)


def keep(stack: cdk.Stack, letters: sqs.Queue, which: Events) -> None:
    """Put events for which no run can be started among the dead letters, where somebody sees them."""
    rule = events.CfnRule(
        stack,
        "Refused",
        description="Keeps events for which no run can be started.",
        event_bus_name=which.bus,
        event_pattern=which.pattern,
        targets=[events.CfnRule.TargetProperty(id="DeadLetters", arn=letters.queue_arn)],
    )
    cdk.Validations.of(rule).acknowledge(
        cdk.Acknowledgment(
            id="Serverless::Serverless-EventBusDLQ",
            reason="The target is the dead-letter queue; EventBridge tries for a day to reach it.",
        ),
    )
    let_in(letters, rule)
