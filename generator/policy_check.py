"""Refuses a policy whose tables contradict each other, naming the file, the table and the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from generator.conditions import ALWAYS, every_test
from generator.errors import PolicyFileError
from generator.fact_values import problem_with
from generator.policy_reader import row_name
from generator.sentences import placeholders
from generator.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.conditions import Condition, Test
    from generator.policy_model import Answer, Fact, Limit, Policy

__all__ = ["check"]

_TIERS = ("lambda", "fargate-task", "fargate-service", "ec2")
_UPPER_BOUNDS = (
    "lambda.duration",
    "lambda.memory",
    "fargate.vcpu",
    "fargate.memory",
    "fargate.windows_vcpu",
    "fargate.windows_memory",
)
"""Limits that sizes are computed from, so that they cannot become something else than a largest value."""

_WARNINGS_ABOUT_ANSWERS = frozenset({"near_limit", "at_maximum", "unit_suspect"})
_LIMIT_WORDS = frozenset({"answer", "bound"})
_ADVICE_WORDS = frozenset({"answer", "bound", "fact", "share", "suspect", "tier_label", "next_tier_label"})
_CONFLICT_WORDS = frozenset({"missing", "scale_to_zero_text"})


def check(policy: Policy, source_of: Callable[[str, str], str]) -> None:
    """Raise a `PolicyFileError` for the first contradiction between the tables of a policy."""
    _Checker(policy, source_of).run()


class _Checker:
    """Holds the policy and what its conditions and sentences may name."""

    def __init__(self, policy: Policy, source_of: Callable[[str, str], str]) -> None:
        self.policy, self.source_of = policy, source_of
        self.settings = {f"settings.{name}" for name in policy.settings}
        self.names = {*policy.facts, *policy.measures, *self.settings}

    def run(self) -> None:
        self._tiers()
        for fact in self.policy.facts.values():
            self._fact(fact)
        for limit in self.policy.limits.values():
            self._limit(limit)
        self._upper_bounds()
        self._fargate_limits()
        self._assumptions()
        self._shapes()
        self._warnings()

    def refuse(self, table: str, key: str, problem: str) -> NoReturn:
        raise PolicyFileError(self.source_of(table, key), table, key, problem)

    def _tiers(self) -> None:
        found = tuple(tier.name for tier in self.policy.tiers)
        if found != _TIERS:
            self.refuse("tiers", "", f"expected {', '.join(_TIERS)} in this order, found {', '.join(found)}")

    def _tier_names(self, table: str, key: str, found: Iterable[str]) -> None:
        for name in found:
            if name not in _TIERS:
                self.refuse(table, key, f"unknown tier '{name}'{_hint(name, _TIERS)}")

    def _fact(self, fact: Fact) -> None:
        table = row_name("facts", fact.name)
        floor = fact.minimum if fact.above is None else fact.above
        if floor is not None and fact.maximum is not None and floor >= fact.maximum:
            self.refuse(table, "maximum", f"{fact.maximum} is not above the smallest answer, {floor}")
        if fact.kind in {"choice", "multichoice"} and not fact.choices:
            self.refuse(table, "choices", "is empty")
        self._default(table, "default", fact, fact.default)
        for conditional in fact.defaults:
            self._default(table, "defaults", fact, conditional.value)
            self._condition(table, "defaults", conditional.when)
        self._condition(table, "default_when", fact.default_when)
        self._condition(table, "told_when", fact.told_when)
        self._condition(table, "asked_when", fact.asked_when)
        self._sentence(table, "prompt", fact.prompt, frozenset())
        self._sentence(table, "help", fact.help, frozenset())

    def _default(self, table: str, key: str, fact: Fact, value: Answer) -> None:
        problem = "" if value is None else problem_with(fact, value)
        if problem:
            self.refuse(table, key, f"{value!r} is no possible answer: {problem}")

    def _limit(self, limit: Limit) -> None:
        table = row_name("limits", limit.id)
        self._tier_names(table, "tiers", limit.tiers)
        fact = self.policy.facts.get(limit.fact)
        if fact is None and limit.fact not in self.policy.measures:
            self.refuse(table, "fact", f"unknown fact '{limit.fact}'{_hint(limit.fact, self.names)}")
        if isinstance(limit.value, tuple):
            self._values(table, limit.operator, limit.fact, limit.value)
        elif fact is not None and not fact.is_number:
            self.refuse(
                table, limit.operator, f"'{fact.name}' is not a number: name what is forbidden with none_of"
            )
        self._condition(table, "when", limit.when)
        self._condition(table, "unless", limit.unless)
        self._condition(table, "unanswered_breaks", limit.unanswered_breaks)
        for key in ("text", "change", "relief"):
            self._sentence(table, key, getattr(limit, key), _LIMIT_WORDS)

    def _upper_bounds(self) -> None:
        for name in _UPPER_BOUNDS:
            limit = self.policy.limits[name]
            if limit.operator != "at_most":
                self.refuse(row_name("limits", name), limit.operator, "sizes need this limit as at_most")

    def _fargate_limits(self) -> None:
        """Compare the size table with the limits beside it, which say the same in another form."""
        for prefix, rows in (
            ("fargate.", self.policy.sizes.rows),
            ("fargate.windows_", tuple(row for row in self.policy.sizes.rows if row.windows)),
        ):
            largest = {"vcpu": rows[-1].vcpu, "memory": rows[-1].memory_mib[-1]} if rows else {}
            for name, value in largest.items():
                limit = self.policy.limits[f"{prefix}{name}"]
                if self.policy.bound(limit.id) > value:
                    problem = f"{limit.value} is more than {value:g}, the largest in [fargate] sizes"
                    self.refuse(row_name("limits", limit.id), limit.operator, problem)

    def _assumptions(self) -> None:
        for row in self.policy.assumptions.values():
            if row.value < 0 or (row.value == 0 and not row.may_be_zero):
                self.refuse(row_name("assumptions", row.name), "value", f"{row.value} is too small")
        if self.policy.number("curve_from") >= self.policy.number("curve_to"):
            self.refuse("assumptions.curve_to", "value", "is not above curve_from")

    def _shapes(self) -> None:
        shapes = (("variants", self.policy.variants), ("scale_to_zero", self.policy.scale_to_zero))
        for table, rows in shapes:
            for row in rows:
                self._tier_names(table, "tier", [row.tier])
                self._condition(table, "when", row.when)
            for tier in _TIERS:
                if not any(row.tier == tier and row.when == ALWAYS for row in rows):
                    self.refuse(table, "when", f"no row without a condition for tier '{tier}'")
        for source in self.policy.event_sources.values():
            table = row_name("event_sources", source.name)
            self._tier_names(table, "tiers", source.tiers)
            self._condition(table, "when", source.when)
            for key in ("charges", "task_charges", "service_charges"):
                for charge in getattr(source, key):
                    self._condition(table, key, charge.when)
        for reason in self.policy.reasons:
            self._tier_names("reasons", "tier", [reason.tier])
            self._condition("reasons", "when", reason.when)
            self._sentence("reasons", "text", reason.text, frozenset())

    def _warnings(self) -> None:
        for name, text in self.policy.conflicts.items():
            self._sentence(row_name("conflicts", name), "text", text, _CONFLICT_WORDS)
        for rule in self.policy.warnings.values():
            table = row_name("warnings", rule.id)
            if rule.when is None and rule.id not in _WARNINGS_ABOUT_ANSWERS:
                self.refuse(table, "when", "is missing")
            self._condition(table, "when", rule.when)
            self._condition(table, "serious_when", rule.serious_when)
            self._sentence(table, "text", rule.text, _ADVICE_WORDS)

    def _sentence(self, table: str, key: str, sentence: str, words: frozenset[str]) -> None:
        for name in placeholders(sentence):
            if name not in words and name not in self.names:
                self.refuse(
                    table, key, f"the sentence names '{name}', which does not exist{_hint(name, self.names)}"
                )

    def _condition(self, table: str, key: str, condition: Condition | None) -> None:
        for test in every_test(condition) if condition else ():
            if test.name not in self.names:
                self.refuse(table, key, f"unknown fact '{test.name}'{_hint(test.name, self.names)}")
            self._test(table, key, test)

    def _test(self, table: str, key: str, test: Test) -> None:
        if isinstance(test.operand, tuple):
            self._values(table, key, test.name, test.operand)
        elif test.operator != "given":
            fact = self.policy.facts.get(test.name)
            if fact is not None and not fact.is_number:
                self.refuse(
                    table, key, f"'{test.name}' is not a number and cannot be {test.operator} anything"
                )

    def _values(self, table: str, key: str, name: str, values: tuple[object, ...]) -> None:
        if name == "tier":
            self._tier_names(table, key, (str(value) for value in values))
        fact = self.policy.facts.get(name)
        if fact is None:
            return
        choices = [choice.name for choice in fact.choices]
        for value in values:
            known = value in choices if choices else isinstance(value, bool) and fact.kind == "bool"
            if not known:
                self.refuse(table, key, f"'{value}' is no answer to '{name}'{_hint(str(value), choices)}")


def _hint(word: str, known: Iterable[str]) -> str:
    close = nearest(word, sorted(known))
    return f"; did you mean '{close}'?" if close else ""
