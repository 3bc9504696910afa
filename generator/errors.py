"""Everything that a person can cause and can fix, as one small tree.

::

    NewServiceError
    ├── PolicyFileError     a policy file is unreadable or contradicts itself (table, key)
    ├── AnswersFileError    an answers file cannot be read as YAML, JSON or TOML (path, line)
    ├── AnswersError        answers are wrong; carries every problem at once
    ├── TargetError         the folder to create cannot be used
    ├── RenderError         the template could not be rendered
    ├── ProjectError        a project cannot be upgraded, or a repository not adopted, as it is
    ├── GitError            git is missing, or refused what it was told
    └── MissingToolError    a program that was asked for is not installed

A policy that says no is not an error: it is a value (`Decision`, later `Finding`).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AnswerProblem",
    "AnswersError",
    "AnswersFileError",
    "GitError",
    "MissingToolError",
    "NewServiceError",
    "PolicyFileError",
    "ProjectError",
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


class ProjectError(NewServiceError):
    """A project cannot be upgraded, or a repository not adopted, as it is."""


class GitError(NewServiceError):
    """Git is missing, or refused what it was told.

    Attributes:
        exit_code: What git returned.
        said: Everything that it said.
    """

    def __init__(self, words: tuple[str, ...], exit_code: int, said: str) -> None:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        reason = (
            lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines else f"exit code {exit_code}"
        )
        verb = next((word for word in words if word[:1] != "-" and "=" not in word), "git")
        super().__init__(f"git {verb} failed: {reason}" if verb != "git" else reason)
        self.exit_code, self.said = exit_code, said


class MissingToolError(NewServiceError):
    """A program that was asked for is not installed."""
