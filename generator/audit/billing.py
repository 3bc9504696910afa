"""What most rules look for: resources of certain types that bill while idle, or of which nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.findings import Found
from generator.audit.values import text
from generator.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Repository, Rule
    from generator.audit.idle import Cause, Idle
    from generator.audit.stack import Resource

__all__ = ["billing", "found_at", "shown"]


def billing(repository: Repository, rule: Rule) -> Iterator[Found]:
    """Yield every resource of the rule's types that is not known to bill nothing while idle."""
    for resource, idle in repository.of_types(rule.types):
        if idle.bills is not False:
            yield found_at(resource, idle, idle.cause, rule)


def found_at(resource: Resource, idle: Idle, cause: Cause | None, rule: Rule) -> Found:
    """Return what was found at a resource: at the line of the property that decides, where one does."""
    written = cause.value if cause is not None else None
    fields = {
        "resource": resource.logical_id,
        "type": resource.type,
        "value": shown(cause, unit=rule.unit),
        "why": idle.why_unknown,
    }
    return Found(
        file=resource.file,
        line=(written.line if written is not None else 0) or resource.line,
        resource=resource,
        cause=cause,
        idle=idle,
        certainty="unknown" if idle.bills is None else idle.certainty,
        fields=fields,
    )


def shown(cause: Cause | None, *, unit: str = "") -> str:
    """Return a value as a person reads it, `not written` with the default of AWS where there is none.

    Args:
        cause: Holds the value.
        unit: What it counts, as `task`; empty where it counts nothing.
    """
    several = f"{unit}s" if unit else ""
    if cause is None:
        return several
    if cause.value is None and cause.default is None:
        return several or "not written"
    data = cause.default if cause.value is None else cause.value.data
    if not isinstance(data, str | int | float | bool):
        return several
    said = counted(text(data), unit) if unit else text(data)
    return f"{said} (not written; the default of AWS)" if cause.value is None else said
