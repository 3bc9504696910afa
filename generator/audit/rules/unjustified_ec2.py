"""A unit of compute on EC2; only a recorded justification excuses it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.audit.billing import found_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Found, Repository, Rule
    from generator.audit.values import Certainty

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:
    """Yield each unit on EC2, justified or not; the engine sets those aside that an entry excuses."""
    for unit in repository.units:
        if unit.tier == "ec2":
            idle = repository.idle[unit.resource.file, unit.resource.logical_id]
            found = found_at(unit.resource, idle, None, rule)
            certainty: Certainty = "conditional" if unit.resource.may_be_absent else "certain"
            yield replace(found, certainty=certainty, fields={**found.fields, "tier_reason": unit.why})
