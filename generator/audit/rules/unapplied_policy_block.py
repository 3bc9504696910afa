"""A block that stands where the agent does not always look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:  # noqa: ARG001  it judges files, not types
    """Yield each such file."""
    for one in repository.instruction_problems:
        if one.kind == "unapplied":
            yield Found(file=one.file, line=one.line, fields={"problem": one.problem})
