"""Reads one event source of a policy file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.event_source import Charge, EventSource

if TYPE_CHECKING:
    from generator.policy_table import Table

__all__ = ["read_event_source"]


def read_event_source(name: str, table: Table) -> EventSource:
    """Take every key of an event source's table.

    Raises:
        PolicyFileError: A key is missing, unknown or of a wrong type.
    """
    source = EventSource(
        name=name,
        text=table.sentence("text"),
        when=table.condition("when"),
        charges=tuple(_charge(table.inner("charges", entry)) for entry in table.items("charges", [])),
    )
    table.done()
    return source


def _charge(table: Table) -> Charge:
    charge = Charge(
        name=table.text("name"),
        price=table.text("price"),
        per_request=table.number("per_request", 0),
        per_month=table.number("per_month", 0),
        resource_type=table.text("resource_type", ""),
        orchestration=table.text("orchestration", ""),
    )
    table.done()
    return charge
