"""Completes answers with the defaults of the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.conditions import holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_model import Answer, Fact, Policy

__all__ = ["complete", "default_of"]

MS_PER_SECOND = 1000


def default_of(fact: Fact, values: Mapping[str, object]) -> Answer:
    """Return the default of a fact under the answers that stand so far; `None` when it has none.

    Defaults of durations give way to each other: an average is never longer than the slowest run.
    """
    default = next((row.value for row in fact.defaults if holds(row.when, values)), fact.default)
    slowest, average = values.get("longest_run_s"), values.get("avg_run_ms")
    if fact.name == "avg_run_ms" and isinstance(default, int | float) and isinstance(slowest, int | float):
        return min(default, slowest * MS_PER_SECOND)
    if fact.name == "longest_run_s" and isinstance(default, int | float) and isinstance(average, int | float):
        return max(default, average / MS_PER_SECOND)
    return default


def complete(given: Mapping[str, object], policy: Policy, *, interview: bool = False) -> dict[str, object]:
    """Return answers with defaults for what is missing and matters, in the order of the facts.

    Args:
        given: Typed answers by fact.
        policy: The facts and their defaults.
        interview: Also take the defaults that are only offered to a person, never assumed of a file.
    """
    values = dict(given)
    for fact in policy.facts.values():
        if fact.name in values or (fact.interview_only_default and not interview):
            continue
        default = default_of(fact, values)
        if default is not None and holds(fact.default_when, values):
            values[fact.name] = default
    return values
