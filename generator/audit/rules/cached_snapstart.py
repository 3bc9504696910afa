"""SnapStart, whose snapshot of each published version bills for runtimes other than Java."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.billing import billing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Found, Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:
    """Yield each version that is kept as a snapshot."""
    for found in billing(repository, rule):
        if found.cause is not None and "SnapStart" in found.cause.path:
            yield found
