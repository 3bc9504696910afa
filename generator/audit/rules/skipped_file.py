"""A file that was named and is no template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:  # noqa: ARG001  it judges files, not types
    """Yield each such file, once."""
    for source in repository.skipped:
        yield Found(file=source.file, line=source.line, fields={"problem": source.problem})
