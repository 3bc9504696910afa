"""Everything that a person can cause and can fix, as one small tree.

::

    NewServiceError
    ├── PolicyFileError     a policy file is unreadable or contradicts itself (table, key)
    ├── AnswersFileError    an answers file cannot be read as YAML, JSON or TOML (path, line)
    ├── AnswersError        answers are wrong; carries every problem at once
    ├── TargetError         the folder to create cannot be used
    ├── RenderError         the template could not be rendered
    └── MissingToolError    a program that was asked for is not installed

A policy that says no is not an error: it is a value (`Decision`, later `Finding`).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AnswerProblem",
    "AnswersError",
    "AnswersFileError",
    "MissingToolError",
    "NewServiceError",
    "PolicyFileError",
    "RenderError",
    "TargetError",
]


class NewServiceError(Exception):
    """A problem with a message for a person, and what to do next.

    Attributes:
        message: What went wrong and where, without a final full stop.
        hint: The next command or edit; empty when the message says it all.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class PolicyFileError(NewServiceError):
    """A policy file is unreadable or contradicts itself."""

    def __init__(self, source: str, table: str, key: str, problem: str) -> None:
        place = f"[{table}] {key}".strip() if table else key
        super().__init__(
            f"policy file {source}: {place}: {problem}" if place else f"policy file {source}: {problem}",
            hint="correct this key, or leave it out to take the value of the built-in policy",
        )
        self.source, self.table, self.key, self.problem = source, table, key, problem


class AnswersFileError(NewServiceError):
    """An answers file cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerProblem:
    """One wrong answer.

    Attributes:
        key: The answer's key as it was given.
        value: The value as it was given, shortened for display; empty when it is missing.
        problem: What is wrong with it.
        allowed: What would be accepted; for an unknown key the nearest known one.
    """

    key: str
    value: str
    problem: str
    allowed: str = ""

    def __str__(self) -> str:
        """Return the problem as one line."""
        shown = f"{self.key} = {self.value}" if self.value else self.key
        return f"{shown}: {self.problem}" + (f" (allowed: {self.allowed})" if self.allowed else "")


class AnswersError(NewServiceError):
    """Answers are wrong; all of them are reported at once.

    Attributes:
        problems: Every problem found, in the order of the questions.
    """

    def __init__(self, problems: tuple[AnswerProblem, ...]) -> None:
        count = "1 answer is" if len(problems) == 1 else f"{len(problems)} answers are"
        super().__init__(
            "\n".join([f"{count} wrong", *(f"  {problem}" for problem in problems)]),
            hint="`new-service policy schema` lists every key with its type and choices",
        )
        self.problems = problems


class TargetError(NewServiceError):
    """The folder to create cannot be used."""


class RenderError(NewServiceError):
    """The template could not be rendered."""


class MissingToolError(NewServiceError):
    """A program that was asked for is not installed."""
