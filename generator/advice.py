"""Warnings: what the owner of a workload should know, and what never changes the tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.conditions import holds
from generator.limits import applies, first_tier
from generator.sentences import fill, placeholders, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.policy_model import Fact, Limit, Policy, Severity, WarningRule
    from generator.workload import Workload

__all__ = ["DecisionWarning", "beyond", "tier_beyond", "warnings_for"]

_MORE_SEVERE: Mapping[Severity, Severity] = {"info": "warning", "warning": "serious", "serious": "serious"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionWarning:
    """One piece of advice.

    Attributes:
        id: The warning's name in the policy.
        text: One sentence or two, without the last full stop.
        numbers: The figures that the text rests on, by name.
    """

    id: str
    severity: Severity
    text: str
    numbers: Mapping[str, float]


def warnings_for(
    workload: Workload, values: Mapping[str, object], policy: Policy
) -> tuple[DecisionWarning, ...]:
    """Return every warning that applies, in the order of the policy.

    Args:
        workload: Tells which answers were given and which were assumed.
        values: Facts and measures by name.
        policy: The warnings.
    """
    return tuple(
        warning for rule in policy.warnings.values() for warning in _of_rule(rule, workload, values, policy)
    )


def tier_beyond(limit: Limit, values: Mapping[str, object], policy: Policy) -> str | None:
    """Return the tier that would be chosen if the answer broke a limit."""
    return first_tier({**values, limit.fact: beyond(limit)}, policy)


def beyond(limit: Limit) -> object:
    """Return a value that breaks a limit."""
    if isinstance(limit.value, tuple):
        return limit.value[0]
    return limit.value * 1.001 if limit.operator == "at_most" else limit.value * 0.999


def _of_rule(
    rule: WarningRule, workload: Workload, values: Mapping[str, object], policy: Policy
) -> Iterator[DecisionWarning]:
    if rule.when is not None:
        if holds(rule.when, values):
            yield _warning(rule, values, policy, {})
    elif rule.id == "unit_suspect":
        yield from _suspects(rule, workload, values, policy)
    else:
        yield from _close_to_limits(rule, workload, values, policy)


def _close_to_limits(
    rule: WarningRule, workload: Workload, values: Mapping[str, object], policy: Policy
) -> Iterator[DecisionWarning]:
    """Warn of given answers near a limit of Lambda, or at a limit of Fargate."""
    at_maximum = rule.id == "at_maximum"
    share_from = 1.0 if at_maximum else policy.number("near_limit_share")
    tier = str(values["tier"])
    if at_maximum != tier.startswith("fargate"):
        return
    for limit, share in _shares(workload, values, policy, tier):
        if share >= share_from:
            following = tier_beyond(limit, values, policy)
            words = {
                "fact": policy.facts[limit.fact].name,
                "answer": say(values[limit.fact], limit.unit),
                "bound": say(limit.value, limit.unit),
                "share": say(share, "%"),
                "tier_label": policy.tier(tier).label,
                "next_tier_label": policy.tier(following).label if following else "none",
            }
            numbers = {"answer": values[limit.fact], "bound": limit.value, "share": share}
            yield _warning(rule, values, policy, words, numbers)


def _shares(
    workload: Workload, values: Mapping[str, object], policy: Policy, tier: str
) -> Iterator[tuple[Limit, float]]:
    """Yield the limits of a tier that bound a given answer from above, with the share it takes."""
    for limit in policy.limits.values():
        if tier not in limit.tiers or limit.operator != "at_most" or isinstance(limit.value, tuple):
            continue
        if limit.fact in policy.facts and workload.has(limit.fact) and applies(limit, values):
            answer = values[limit.fact]
            if isinstance(answer, int | float):
                yield limit, answer / limit.value


def _suspects(
    rule: WarningRule, workload: Workload, values: Mapping[str, object], policy: Policy
) -> Iterator[DecisionWarning]:
    for fact in policy.facts.values():
        answer = values.get(fact.name)
        if workload.has(fact.name) and isinstance(answer, int | float) and _is_suspect(fact, answer):
            words = {"fact": fact.name, "answer": say(answer, fact.unit), "suspect": fact.suspect}
            yield _warning(rule, values, policy, words, {"answer": answer})


def _is_suspect(fact: Fact, answer: float) -> bool:
    too_small = fact.suspect_below is not None and answer < fact.suspect_below
    return too_small or (fact.suspect_above is not None and answer > fact.suspect_above)


def _warning(
    rule: WarningRule,
    values: Mapping[str, object],
    policy: Policy,
    words: Mapping[str, str],
    numbers: Mapping[str, object] | None = None,
) -> DecisionWarning:
    named = {name: values[name] for name in placeholders(rule.text) if name in values} | dict(numbers or {})
    is_serious = rule.serious_when is not None and holds(rule.serious_when, values)

    def word_for(name: str) -> str | None:
        return words.get(name) or say(values.get(name), policy.unit_of(name))

    return DecisionWarning(
        id=rule.id,
        severity=_MORE_SEVERE[rule.severity] if is_serious else rule.severity,
        text=fill(rule.text, word_for),
        numbers={
            name: value
            for name, value in named.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        },
    )
