"""Takes the decision again: the stored answers, those that are given now, and the policy of today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator import answers, decision, infrastructure, plan, prices, project, source
from generator.errors import AnswersError
from generator.upgrade.changes import Dropped
from generator.upgrade.verdict import judge
from generator.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.answers import Answers
    from generator.decision import Decision
    from generator.policy import Policy
    from generator.project import Project
    from generator.upgrade.stored import Stored
    from generator.upgrade.verdict import Verdict

__all__ = ["Redecision", "Wish", "decide_again"]

_KEPT = ("tier", "variant", "event_source", "decision")
_OF_THE_REPOSITORY = ("number", "supersedes")
"""What the decision record says of its place in the repository, rather than of the workload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants of an upgrade.

    Attributes:
        assignments: `key=value` pairs that replace stored answers.
        moves: Whether to follow the decision to another tier, even when no answer is given.
    """

    assignments: tuple[str, ...] = ()
    moves: bool = False

    @property
    def follows(self) -> bool:
        """Whether the repository follows the decision: a new answer is a wish to."""
        return self.moves or bool(self.assignments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redecision:
    """The decision of today about a project that has one.

    Attributes:
        decision: Of the policy.
        verdict: Compared with where the repository is.
        answers: What the new templates are rendered with.
        dropped: Stored answers that could not be kept.
    """

    decision: Decision
    verdict: Verdict
    answers: Mapping[str, object]
    dropped: tuple[Dropped, ...]


def decide_again(stored: Stored, rules: Policy, wish: Wish, *, today: date) -> Redecision:
    """Decide about a project under today's policy, and keep what it decides against moving.

    Args:
        stored: What the project was made from.
        rules: The policy.
        wish: Answers to change, and whether to follow the decision elsewhere.
        today: The day that a changed record shows.

    Raises:
        AnswersError: A given answer is wrong.
    """
    checked, dropped = _settled(stored, rules, wish)
    templates = source.templates(source.root())
    decided = decision.decide(checked.workload, rules, prices.load(), templates, **checked.project.billed())
    verdict = judge(stored.answers, decided, follows=wish.follows)
    if verdict.outcome in {"still", "moves"}:
        settled, left = _offered_there(checked.project, decided, wish)
        dropped += left
        made = plan.make_plan(decided, checked.workload, settled, template=source.find(), decided_on=today)
        made_answers = {**made.answers, "decision": _record(made.answers["decision"], stored)}
    else:
        facts = {**checked.workload.facts(), **checked.project.answers()}
        made_answers = {**facts, **{key: stored.answers[key] for key in _KEPT if key in stored.answers}}
    return Redecision(decision=decided, verdict=verdict, answers=made_answers, dropped=dropped)


def _offered_there(checked: Project, decided: Decision, wish: Wish) -> tuple[Project, tuple[Dropped, ...]]:
    """Let go of stored answers that the place of the decision has no templates for.

    Raises:
        AnswersError: It was given, not stored.
    """
    given, dropped = answers.merge({}, wish.assignments), []
    defaults = {**project.defaults(checked.project_name), "iac": ""}
    offered_there = source.offered(source.root(), decided.tier or "", decided.event_source)
    for key, offered in offered_there.items():
        value = getattr(checked, key)
        try:
            infrastructure.check(
                key, value, tier=decided.tier, event_source=decided.event_source, offered=offered
            )
        except AnswersError as error:
            if key in given:
                raise
            dropped.append(Dropped(key=key, value=value, why=error.problems[0].problem))
            checked = replace(checked, **{key: defaults[key]})
    return checked, tuple(dropped)


def _record(made: object, stored: Stored) -> dict[str, object]:
    """Return the new record with the day of the old one when both say the same, and with its number."""
    if not isinstance(made, dict):
        raise TypeError("a plan holds a record")
    number = {key: stored.decision[key] for key in _OF_THE_REPOSITORY if key in stored.decision}
    record = {**made, **number}
    same_day = {**record, "decided_on": stored.decision.get("decided_on")}
    return same_day if same_day == stored.decision else record


def _settled(stored: Stored, rules: Policy, wish: Wish) -> tuple[Answers, tuple[Dropped, ...]]:
    """Check the answers, and let go of stored ones that are no longer asked or taken."""
    kept = {key: value for key, value in stored.answers.items() if key not in answers.DECIDED_KEYS}
    known = {*rules.facts, *project.KEYS}
    dropped = [
        Dropped(key=key, value=value, why="it is no longer asked")
        for key, value in kept.items()
        if key not in known
    ]
    required = {fact.name: fact.default for fact in rules.facts.values() if fact.required}
    raw = {**required, **{key: value for key, value in kept.items() if key in known}}
    given = answers.merge({}, wish.assignments)
    while True:
        try:
            checked = answers.check(answers.merge(raw, wish.assignments), rules, take_defaults=True)
        except AnswersError as error:
            problems = {problem.key: problem.problem for problem in error.problems}
            refused = [key for key in kept if key in raw and key not in given and shorten(key) in problems]
            if not refused:
                raise
            dropped += [
                Dropped(key=key, value=kept[key], why=f"it {problems[shorten(key)]}") for key in refused
            ]
            raw = {key: value for key, value in raw.items() if key not in refused}
            raw = {**{key: default for key, default in required.items() if key not in raw}, **raw}
        else:
            return checked, tuple(dropped)
