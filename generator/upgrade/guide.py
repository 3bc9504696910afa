"""How to move a service without losing what is in flight; the sentences are data."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.upgrade.verdict import Place

__all__ = ["PACKAGED", "guide"]

PACKAGED = Path(__file__).parent.with_name("migrations.toml")


def guide(before: Place, after: Place, labels: Mapping[str, str]) -> str:
    """Return the guide for a pair of places, as Markdown.

    Args:
        before: Where the service runs.
        after: Where it will.
        labels: How each tier is called.
    """
    texts = tomllib.loads(PACKAGED.read_text(encoding="utf-8"))
    leaving, arriving = _of(before, texts["leaving"]), _of(after, texts["arriving"])
    names = {"before": _called(before, labels), "after": _called(after, labels)}
    steps = (
        arriving["prepare"],
        texts["rehearse"],
        leaving["stop"],
        leaving["drained"],
        texts["deploy"],
        arriving["verify"],
    )
    parts = [
        f"# {texts['title'].format(**names)}",
        texts["opening"].strip(),
        f"## What is in flight\n\n{leaving['in_flight']}",
        "## Cut-over, in this order\n\n"
        + "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1)),
        f"## Roll-back\n\n{texts['undo'].strip()}\n\n{arriving['left_behind']}",
    ]
    return "\n\n".join(parts) + "\n"


def _of(place: Place, texts: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """Return the texts of a place; those of its tier where the event source has none of its own."""
    return texts[place.name] if place.name in texts else texts[place.tier]


def _called(place: Place, labels: Mapping[str, str]) -> str:
    return f"{labels.get(place.tier, place.tier)} ({place.event_source or place.variant})"
