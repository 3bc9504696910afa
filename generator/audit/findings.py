"""The nouns of the audit: a rule, what it finds, and what was looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from generator.audit.idle import Cause, Idle
    from generator.audit.instructions import InstructionProblem
    from generator.audit.justifications import Justification, JustificationProblem
    from generator.audit.stack import Resource, Stack
    from generator.audit.units import Unit
    from generator.audit.values import Certainty

__all__ = [
    "Declared",
    "Finding",
    "Found",
    "RecordedDecision",
    "Repository",
    "Rule",
    "RuleModule",
    "Severity",
    "SourceProblem",
]

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule demands; its module says how that is seen.

    Attributes:
        name: Says what is wrong, as `always-on-service`.
        code: The short form, as `SF201`.
        message: One sentence; `{name}` is a field of what was found.
        types: The resource types that it judges.
        scope: Whether it judges one repository, or a fleet of them.
        unit: What a value in its message counts, as `task`; empty where it counts nothing.
    """

    name: str
    code: str
    severity: Severity
    title: str
    message: str
    remedy: str
    types: tuple[str, ...] = ()
    scope: Literal["repository", "fleet"] = "repository"
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """A file, or a part of one, that could not be judged.

    Attributes:
        awaits_run: Whether what is to be judged comes about once a program of the repository has run.
    """

    file: str
    line: int
    problem: str
    awaits_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDecision:
    """The tier that a project's answers file records."""

    file: str
    line: int
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a repository declares and records, as it was read.

    Attributes:
        stacks: One for each template.
        unreadable: Files that look like templates and cannot be read.
        skipped: Files that a reader was asked for and that are no templates.
        unjudged: What is out of reach.
        justifications: The recorded exceptions that hold.
        justification_problems: What is wrong with the others.
        instruction_problems: What is wrong with the policy in the files that agents read.
        decisions: What the answers files of projects made from the templates record.
        today: The day that expiry is judged on.
    """

    stacks: tuple[Stack, ...] = ()
    unreadable: tuple[SourceProblem, ...] = ()
    skipped: tuple[SourceProblem, ...] = ()
    unjudged: tuple[SourceProblem, ...] = ()
    justifications: tuple[Justification, ...] = ()
    justification_problems: tuple[JustificationProblem, ...] = ()
    instruction_problems: tuple[InstructionProblem, ...] = ()
    decisions: tuple[RecordedDecision, ...] = ()
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository(Declared):
    """What a repository declares, with what follows from it alone.

    Attributes:
        units: Every unit of compute.
        idle: What each resource bills while idle, by file and logical id.
    """

    units: tuple[Unit, ...]
    idle: Mapping[tuple[str, str], Idle]

    def of_types(self, types: tuple[str, ...]) -> Iterator[tuple[Resource, Idle]]:
        """Yield every resource of these types with what it bills while idle."""
        for stack in self.stacks:
            for resource in stack.of_type(*types):
                yield resource, self.idle[resource.file, resource.logical_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a rule saw.

    Attributes:
        fields: What the rule's message names.
    """

    file: str
    line: int
    resource: Resource | None = None
    cause: Cause | None = None
    idle: Idle | None = None
    certainty: Certainty = "certain"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the policy does not want, for a person.

    Attributes:
        file: Below the repository, with slashes.
        line: Of the property that causes it; zero where the format has no lines.
        resource: Logical id; empty where it is about a file.
        property_path: Path below the resource's properties; empty where its existence is the cause.
        value: The resolved value, with how it was resolved; empty where there is none.
        idle_usd_per_month: What the resource bills while idle; `None` when nobody knows.
        certainty: `unknown` is no violation and no compliance.
        justification: The id of the entry that excuses it; empty when none does.
        baselined: It was there when the baseline was written.
    """

    rule: str
    code: str
    severity: Severity
    file: str
    line: int
    resource: str
    type: str
    property_path: str
    value: str
    message: str
    remedy: str
    idle_usd_per_month: float | None
    certainty: Certainty
    justification: str = ""
    baselined: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is an open violation, and not merely unknown, excused or old."""
        return self.certainty != "unknown" and not self.justification and not self.baselined

    @property
    def fingerprint(self) -> str:
        """Return what stays the same when lines move: rule, file, resource and property."""
        return f"{self.code}|{self.file}|{self.resource}|{self.property_path}"


class RuleModule(Protocol):
    """A module of `rules/`."""

    @staticmethod
    def findings(repository: Repository, rule: Rule) -> Iterator[Found]:
        """Yield what breaks the rule."""
        ...
