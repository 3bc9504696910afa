"""The report of a fleet as one page for a browser: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.formats.fleet_text import HEAD, rows, totals
from generator.audit.formats.html import environment
from generator.audit.formats.text import TIERS, dollars

if TYPE_CHECKING:
    from generator.audit.fleet import Fleet

__all__ = ["render"]


def render(fleet: Fleet) -> str:
    """Return the page."""
    tiers = [
        {"name": name, "label": label, "count": fleet.tiers[name]}
        for name, label in TIERS.items()
        if fleet.tiers.get(name)
    ]
    return (
        environment()
        .get_template("fleet.html.jinja")
        .render(fleet=fleet, tiers=tiers, head=HEAD, rows=rows(fleet), totals=totals(fleet), dollars=dollars)
    )
