"""A decision record that says another tier than what is declared beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:  # noqa: ARG001  it judges units, not types
    """Yield the record when none of the compute beside it is on the tier that it names."""
    for recorded in repository.decisions:
        folder = recorded.file.rpartition("/")[0]
        beside = [
            unit for unit in repository.units if unit.resource.file.startswith(f"{folder}/" if folder else "")
        ]
        tiers = sorted({unit.tier for unit in beside if unit.tier != "unknown"})
        if tiers and recorded.tier not in tiers:
            fields = {"tier": recorded.tier, "found": ", ".join(tiers)}
            yield Found(file=recorded.file, line=recorded.line, fields=fields)
