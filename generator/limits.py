"""Judges limits: which ones a workload breaks, and so which tier is the first that holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.conditions import bound_holds, holds
from generator.sentences import fill, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_model import Limit, Policy

__all__ = ["Rejection", "applies", "first_tier", "is_broken", "rejections"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A limit that rules a tier out for a workload.

    Attributes:
        tier: The tier that is ruled out.
        limit: The id of the limit.
        fact: The fact or measure it bounds.
        answer: Its value; for several choices the ones that are forbidden; `None` when it was not answered.
        bound: The number, or what is forbidden.
        text: One sentence without its capital and full stop.
    """

    tier: str
    limit: str
    fact: str
    answer: object
    bound: float | tuple[str | bool, ...]
    unit: str
    source: str
    text: str


def first_tier(values: Mapping[str, object], policy: Policy) -> str | None:
    """Return the first tier that no limit rules out, or `None` when all are ruled out."""
    broken = {tier for limit in policy.limits.values() if is_broken(limit, values) for tier in limit.tiers}
    return next((tier.name for tier in policy.tiers if tier.name not in broken), None)


def rejections(tier: str, values: Mapping[str, object], policy: Policy) -> tuple[Rejection, ...]:
    """Return every limit that rules a tier out, in the order of the policy."""
    return tuple(
        _rejection(tier, limit, values, policy)
        for limit in policy.limits.values()
        if tier in limit.tiers and is_broken(limit, values)
    )


def applies(limit: Limit, values: Mapping[str, object]) -> bool:
    """Tell whether a limit concerns this kind of workload at all."""
    return holds(limit.when, values) and not (limit.unless and holds(limit.unless, values))


def is_broken(limit: Limit, values: Mapping[str, object]) -> bool:
    """Tell whether a limit rules its tiers out."""
    if not applies(limit, values):
        return False
    answer = values.get(limit.fact)
    if answer is None:
        return limit.unanswered_breaks is not None and holds(limit.unanswered_breaks, values)
    if isinstance(limit.value, tuple):
        return bool(_forbidden(limit.value, answer))
    return isinstance(answer, int | float) and not bound_holds(limit.operator, answer, limit.value)


def _forbidden(forbidden: tuple[str | bool, ...], answer: object) -> tuple[object, ...]:
    given = answer if isinstance(answer, tuple) else (answer,)
    return tuple(item for item in given if item in forbidden)


def _rejection(tier: str, limit: Limit, values: Mapping[str, object], policy: Policy) -> Rejection:
    answer = values.get(limit.fact)
    if isinstance(answer, tuple) and isinstance(limit.value, tuple):
        answer = _forbidden(limit.value, answer)
    return Rejection(
        tier=tier,
        limit=limit.id,
        fact=limit.fact,
        answer=answer,
        bound=limit.value,
        unit=limit.unit,
        source=limit.source,
        text=_sentence(limit, answer, policy),
    )


def _sentence(limit: Limit, answer: object, policy: Policy) -> str:
    if answer is None:
        fact = policy.facts[limit.fact]
        bound = say(limit.value, limit.unit)
        return f"{fact.name} is not answered, and without it nothing tells whether {bound} is enough"
    words = {"answer": _answer_in_words(limit, answer, policy), "bound": say(limit.value, limit.unit)}
    return fill(limit.text, words.get)


def _answer_in_words(limit: Limit, answer: object, policy: Policy) -> str:
    fact = policy.facts.get(limit.fact)
    texts = {choice.name: choice.text for choice in fact.choices} if fact else {}
    if texts:
        given = answer if isinstance(answer, tuple) else (answer,)
        return " and ".join(texts.get(str(item), str(item)) for item in given)
    return say(answer, limit.unit)
