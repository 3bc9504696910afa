"""Pollers of an event source that run while nothing arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.billing import billing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Found, Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:
    """Yield each event source mapping with a minimum of pollers."""
    for found in billing(repository, rule):
        if found.cause is not None and found.cause.path.startswith("ProvisionedPollerConfig"):
            yield found
