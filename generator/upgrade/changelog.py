"""Picks from the change log what the releases between two versions change in existing services."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Entry", "between"]

_RELEASE = re.compile(r"^## (\d+)\.(\d+)\.(\d+)\b.*$", re.MULTILINE)
_PART = re.compile(r"^### Existing services\s*\n(.*?)(?=^#{1,3} |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one release changes in existing services, as its change log says it."""

    version: str
    text: str


def between(changelog: str, before: tuple[int, ...], after: tuple[int, ...]) -> tuple[Entry, ...]:
    """Return the entries of the releases after one version, up to another, the newest first."""
    headings = list(_RELEASE.finditer(changelog))
    ends = [*(heading.start() for heading in headings[1:]), len(changelog)]
    entries = []
    for heading, end in zip(headings, ends, strict=True):
        number = tuple(int(part) for part in heading.groups())
        found = _PART.search(changelog, heading.end(), end)
        if before < number <= after and found and found[1].strip():
            entries.append(Entry(version=".".join(map(str, number)), text=found[1].strip()))
    return tuple(entries)
