"""What starts a function or a task, or feeds a service: the event sources, and which one a workload has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.conditions import ALWAYS, Condition, holds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.policy_model import Policy

__all__ = ["SOURCED_TIERS", "STARTED_TIERS", "Charge", "EventSource", "event_source_of", "template_of"]

STARTED_TIERS = ("lambda", "fargate-task")
"""The tiers in which something starts each run."""

SOURCED_TIERS = (*STARTED_TIERS, "fargate-service")
"""Those, and the one whose tasks take work from something; it decides which templates are rendered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What an event source is billed for, besides the function or the task.

    Attributes:
        name: The line on the bill.
        price: The name of its usage price.
        per_request: How many priced units one request, message or run takes.
        per_month: How many units a month takes when nothing happens.
        resource_type: The CloudFormation type that takes those.
        everywhere: Whether another tier than Lambda would be billed for it too.
        when: Over facts, variant and what the source is made of; otherwise it does not apply.
    """

    name: str
    price: str
    per_request: float = 0
    per_month: float = 0
    resource_type: str = ""
    everywhere: bool = False
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """One kind of event source; the folder of its templates has the same name.

    Attributes:
        tiers: Where it starts something.
        charges: What it bills when it starts a function.
        task_charges: What it bills when it starts a task, besides what it bills everywhere.
        service_charges: What it bills when it feeds a service; `per_month` for each task that waits.
        without_template: Why nothing is rendered for it, and what does instead; empty when something is.
        source: Where that is documented.
        checked: When it was read there.
    """

    name: str
    text: str
    tiers: tuple[str, ...] = STARTED_TIERS
    when: Condition = ALWAYS
    charges: tuple[Charge, ...] = ()
    task_charges: tuple[Charge, ...] = ()
    service_charges: tuple[Charge, ...] = ()
    without_template: str = ""
    source: str = ""
    checked: date | None = None


def event_source_of(tier: str, values: Mapping[str, object], policy: Policy) -> EventSource | None:
    """Return the tier's first event source whose condition holds for facts and variant, or `None`."""
    sources = (source for source in policy.event_sources.values() if tier in source.tiers)
    return next((source for source in sources if holds(source.when, values)), None)


def template_of(tier: str, event_source: EventSource | None) -> str:
    """Return the name of the template of a shape: the tier, and the event source where it may have one."""
    return f"{tier}/{event_source.name if event_source else ''}" if tier in SOURCED_TIERS else tier
