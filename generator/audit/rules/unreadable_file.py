"""A file that looks like a template and cannot be read; what is in it, nobody can call compliant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:  # noqa: ARG001  it judges files, not types
    """Yield each such file, once."""
    for source in repository.unreadable:
        yield Found(file=source.file, line=source.line, fields={"problem": source.problem})
