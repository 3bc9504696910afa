"""What starts a Lambda function: the event sources of the policy, and which one a workload has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.conditions import ALWAYS, Condition, holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_model import Policy

__all__ = ["Charge", "EventSource", "event_source_of", "template_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What an event source is billed for, besides the function.

    Attributes:
        name: The line on the bill.
        price: The name of its usage price.
        per_request: How many priced units one request, message or run takes.
        per_month: How many units a month takes when nothing happens.
        resource_type: The CloudFormation type that takes those.
        orchestration: The one orchestration that causes it; empty when it does not depend on that.
    """

    name: str
    price: str
    per_request: float = 0
    per_month: float = 0
    resource_type: str = ""
    orchestration: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """One kind of event source; the folder of its templates has the same name."""

    name: str
    text: str
    when: Condition = ALWAYS
    charges: tuple[Charge, ...] = ()


def event_source_of(values: Mapping[str, object], policy: Policy) -> EventSource | None:
    """Return the first event source whose condition holds for facts and variant; `None` when none does."""
    return next((source for source in policy.event_sources.values() if holds(source.when, values)), None)


def template_of(tier: str, event_source: EventSource | None) -> str:
    """Return the name of the template of a shape: the tier, and on Lambda the event source."""
    return f"{tier}/{event_source.name if event_source else ''}" if tier == "lambda" else tier
