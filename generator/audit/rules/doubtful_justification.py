"""A justification that nothing needs, or that expires soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:  # noqa: ARG001  it judges entries, not types
    """Yield each such entry."""
    for problem in repository.justification_problems:
        if problem.kind == "doubtful":
            fields = {"id": problem.id, "problem": problem.problem}
            yield Found(file=problem.file, line=problem.line, fields=fields)
