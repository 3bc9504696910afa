"""The files that coding agents read, and whether the policy is in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "EVERYBODY",
    "READERS",
    "InstructionFile",
    "InstructionProblem",
    "front_matter_problem",
    "imports",
    "judge",
]

EVERYBODY = "every agent of the open standard"
READERS: Sequence[tuple[str, str, bool]] = (
    ("AGENTS.md", EVERYBODY, True),
    ("CLAUDE.md", "Claude Code", False),
    (".claude/rules/**/*.md", "Claude Code", False),
    ("GEMINI.md", "Gemini CLI", False),
    (".github/copilot-instructions.md", "GitHub Copilot", True),
    (".github/instructions/*.instructions.md", "GitHub Copilot", True),
    (".cursor/rules/**/*.mdc", "Cursor", True),
    (".kiro/steering/*.md", "Kiro", True),
)
"""Where an agent looks at the root of a repository, which one, and whether AGENTS.md reaches it as well."""

_IMPORT = re.compile(r"(?:^|\s)@((?:\.{0,2}/)?[\w./-]+\.md)\b", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---(?:\n|\Z)", re.DOTALL)
_OFF = {
    "alwaysApply": ({"true"}, "alwaysApply is not true"),
    "inclusion": ({"always"}, "inclusion is not always"),
    "applyTo": ({'"**"', "'**'", "**", '"**/*"', "**/*"}, "applyTo names only some files"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionFile:
    """One file that an agent reads.

    Attributes:
        file: Below the repository, with slashes.
        agent: Which one.
        is_open: Whether AGENTS.md reaches that agent as well.
        text: What is written in it.
        imported: What it imports, and what that imports, by file.
    """

    file: str
    agent: str
    is_open: bool
    text: str
    imported: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionProblem:
    """What is wrong with the policy in a file that agents read.

    Attributes:
        kind: Which rule it breaks: missing, altered, stale or unapplied.
    """

    kind: str
    file: str
    line: int
    problem: str


def imports(text: str) -> list[str]:
    """Return the paths that a text imports, as `@AGENTS.md`; not those in code."""
    plain = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return _IMPORT.findall(plain)


def front_matter_problem(text: str) -> str:
    """Return why an agent does not always read a file, as its front matter says; nothing when it does."""
    found = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if found is None:
        return ""
    said = dict(re.findall(r"^(\w+):\s*(.*?)\s*$", found[1], re.MULTILINE))
    return next(
        (problem for key, (wanted, problem) in _OFF.items() if key in said and said[key] not in wanted), ""
    )


def judge(
    files: Sequence[InstructionFile], known: Mapping[str, str], current: str
) -> Iterator[InstructionProblem]:
    """Yield what is wrong with the policy in the files that agents read; nothing where there are none."""
    covered: set[str] = set()
    for one in files:
        has_block, problems = stamp.checked(one.text, known, current)
        for problem in problems:
            yield InstructionProblem(
                kind=problem.kind, file=one.file, line=problem.line, problem=problem.problem
            )
        applied = front_matter_problem(one.text)
        if has_block and applied:
            yield InstructionProblem(kind="unapplied", file=one.file, line=1, problem=applied)
        elif has_block or any(stamp.checked(text, known, current)[0] for text in one.imported.values()):
            covered.add(one.agent)
    yield from _missing(files, covered)


def _missing(files: Sequence[InstructionFile], covered: set[str]) -> Iterator[InstructionProblem]:
    told: set[str] = set()
    for one in files:
        is_covered = one.agent in covered or (one.is_open and EVERYBODY in covered)
        if not is_covered and one.agent not in told:
            told.add(one.agent)
            problem = f"{one.agent} reads it, and nowhere finds the policy"
            yield InstructionProblem(kind="missing", file=one.file, line=1, problem=problem)
