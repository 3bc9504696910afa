"""The values a policy consists of, after it was read and found consistent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from generator.conditions import ALWAYS, Condition
from generator.fact import Answer, Choice, ConditionalDefault, Fact, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.event_source import EventSource

__all__ = [
    "Answer",
    "Assumption",
    "Choice",
    "ConditionalDefault",
    "Fact",
    "FargateRow",
    "FargateSizes",
    "Kind",
    "Limit",
    "LimitOperator",
    "Measure",
    "Policy",
    "Reason",
    "ScalingRule",
    "Severity",
    "Tier",
    "Variant",
    "WarningRule",
]

Severity = Literal["info", "warning", "serious"]
LimitOperator = Literal["at_most", "at_least", "none_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One kind of compute, in the order in which the policy prefers them."""

    name: str
    label: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The bound of a fact under which tiers are allowed.

    Attributes:
        fact: The fact, or the measure, that is bounded.
        operator: `at_most` and `at_least` include the value; `none_of` forbids each of the values.
        envelope: It is one of the sizes that the question about the Lambda envelope sums up.
        unanswered_breaks: The condition under which the limit counts as broken without an answer.
        change: What would break it, as the end of a sentence with "if"; empty where that is idle talk.
        relief: What would keep it, as the end of a sentence with "if".
        confidence: How well the number is known: verified, single-source, from-memory or judgement.
    """

    id: str
    tiers: tuple[str, ...]
    fact: str
    operator: LimitOperator
    value: float | tuple[str | bool, ...]
    unit: str
    text: str
    source: str
    checked: date
    confidence: str
    change: str = ""
    relief: str = ""
    envelope: bool = False
    unanswered_breaks: Condition | None = None
    when: Condition = ALWAYS
    unless: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateRow:
    """One row of the Fargate size table: processors, and the memory sizes that go with them, ascending."""

    vcpu: float
    memory_mib: tuple[int, ...]
    windows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateSizes:
    """The Fargate size table, by ascending processors."""

    rows: tuple[FargateRow, ...]
    source: str
    checked: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A number that sizes, costs and warnings rest on and that no answer gives.

    Attributes:
        may_be_zero: Whether zero makes sense; all others are divided by, or would switch something off.
    """

    name: str
    value: float
    unit: str
    text: str
    source: str = ""
    may_be_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure computed from answers, which conditions and sentences may name."""

    name: str
    unit: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A shape within a tier; the first one of its tier whose condition holds is taken."""

    tier: str
    name: str
    text: str
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingRule:
    """Whether and how a tier scales to zero; the first rule of its tier whose condition holds is taken."""

    tier: str
    verdict: str
    mechanism: str
    min_capacity: int
    text: str
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A sentence that says why the chosen tier holds."""

    tier: str
    text: str
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRule:
    """A sentence of advice; it never changes the tier.

    Attributes:
        when: The condition; `None` for warnings about single answers, which are found by the bounds of facts.
        serious_when: A condition under which it is one step more severe.
    """

    id: str
    severity: Severity
    text: str
    when: Condition | None = None
    serious_when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything the tier decision knows: facts, limits, sizes, numbers and sentences.

    Attributes:
        version: The version of the data.
        as_of: The day on which the data was last checked as a whole.
        tiers: In the order of preference.
        facts: By name, in asking order.
        limits: By id, such as `lambda.duration`.
        event_sources: What may start a Lambda function, by name; the first one that fits is taken.
        conflicts: The sentences for what the policy refuses, by id.
    """

    version: str
    as_of: date
    settings: Mapping[str, str]
    tiers: tuple[Tier, ...]
    facts: Mapping[str, Fact]
    limits: Mapping[str, Limit]
    sizes: FargateSizes
    assumptions: Mapping[str, Assumption]
    measures: Mapping[str, Measure]
    variants: tuple[Variant, ...]
    event_sources: Mapping[str, EventSource]
    scale_to_zero: tuple[ScalingRule, ...]
    reasons: tuple[Reason, ...]
    conflicts: Mapping[str, str]
    warnings: Mapping[str, WarningRule] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """Return the value of an assumption, such as `peak_factor`."""
        return self.assumptions[name].value

    def bound(self, limit: str) -> float:
        """Return the number of a limit, such as `lambda.memory`."""
        value = self.limits[limit].value
        if isinstance(value, tuple):
            raise TypeError(f"limit {limit} is not a number")
        return value

    def tier(self, name: str) -> Tier:
        """Return the tier of that name."""
        return next(tier for tier in self.tiers if tier.name == name)

    def unit_of(self, name: str) -> str:
        """Return the unit of a fact, measure, assumption or limit; empty for a name that has none."""
        for table in (self.facts, self.measures, self.assumptions, self.limits):
            if name in table:
                return table[name].unit
        return ""
