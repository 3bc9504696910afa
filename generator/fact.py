"""A question about a workload, as the policy file describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generator.conditions import ALWAYS, Condition

__all__ = ["Answer", "Choice", "ConditionalDefault", "Fact", "Kind"]

Kind = Literal["choice", "multichoice", "number", "integer", "bool", "text", "date"]
Answer = str | int | float | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that a question offers: its name in answers files and its text on screen."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalDefault:
    """A default that holds instead of the usual one under a condition."""

    when: Condition
    value: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One question about a workload.

    Attributes:
        step: The number of the question in the interview; sub-questions share it.
        default: What the interview offers, and what is assumed of a missing answer; `None` is no default.
        default_when: The condition over answers under which the fact matters enough to be assumed.
        interview_only_default: The default is offered to a person, and never assumed of an answers file.
        above: An exclusive lower bound.
        suspect_below: Answers below it are asked about, because the unit was probably another one.
        told_when: The condition over answers and measures under which a decision names a default it assumed.
        asked_when: The condition over answers and measures under which the answer can still matter.
    """

    name: str
    step: int
    kind: Kind
    prompt: str
    help: str
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    default: Answer = None
    defaults: tuple[ConditionalDefault, ...] = ()
    default_when: Condition = ALWAYS
    interview_only_default: bool = False
    required: bool = False
    expert: bool = False
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    shortest: int = 0
    longest: int = 0
    suspect_below: float | None = None
    suspect_above: float | None = None
    suspect: str = ""
    told_when: Condition = ALWAYS
    asked_when: Condition = ALWAYS

    @property
    def is_number(self) -> bool:
        """Whether answers are numbers."""
        return self.kind in {"number", "integer"}
