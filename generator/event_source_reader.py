"""Reads one event source of a policy file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.event_source import STARTED_TIERS, Charge, EventSource

if TYPE_CHECKING:
    from generator.policy_table import Table

__all__ = ["read_event_source"]


def read_event_source(name: str, table: Table) -> EventSource:
    """Take every key of an event source's table.

    Raises:
        PolicyFileError: A key is missing, unknown or of a wrong type.
    """
    explained = table.has("without_template")
    source = EventSource(
        name=name,
        text=table.sentence("text"),
        tiers=tuple(map(str, table.items("tiers", list(STARTED_TIERS)))),
        when=table.condition("when"),
        charges=_charges("charges", table),
        task_charges=_charges("task_charges", table),
        service_charges=_charges("service_charges", table),
        without_template=table.sentence("without_template") if explained else "",
        source=table.link("source") if explained else "",
        checked=table.day("checked") if explained else None,
    )
    table.done()
    return source


def _charges(key: str, table: Table) -> tuple[Charge, ...]:
    return tuple(_charge(table.inner(key, entry)) for entry in table.items(key, []))


def _charge(table: Table) -> Charge:
    charge = Charge(
        name=table.text("name"),
        price=table.text("price"),
        per_request=table.number("per_request", 0),
        per_month=table.number("per_month", 0),
        resource_type=table.text("resource_type", ""),
        everywhere=table.flag("everywhere"),
        when=table.condition("when"),
    )
    table.done()
    return charge
