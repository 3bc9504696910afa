"""A service that keeps tasks while nobody calls; the minimum of its auto scaling counts where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.billing import billing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Found, Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:
    """Yield each service that is not known to go to zero."""
    yield from billing(repository, rule)
