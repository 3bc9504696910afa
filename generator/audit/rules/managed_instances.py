"""Lambda functions on instances that stay up between calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.billing import billing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Found, Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:
    """Yield each function on a capacity provider, and each provider that a function uses."""
    for found in billing(repository, rule):
        if found.cause is not None and found.cause.path.startswith("CapacityProvider"):
            yield found
