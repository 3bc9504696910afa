"""Reads the rules of the audit, in the order of their codes."""

from __future__ import annotations

import tomllib
from pathlib import Path

from generator.audit.findings import Rule

__all__ = ["load_rules"]


def load_rules() -> dict[str, Rule]:
    """Return every rule by name, in the order of the catalogue."""
    tables = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))
    return {
        name: Rule(
            name=name,
            code=table["code"],
            severity=table["severity"],
            title=table["title"],
            message=table["message"],
            remedy=table["remedy"],
            types=tuple(table.get("types", ())),
            scope=table.get("scope", "repository"),
            unit=table.get("unit", ""),
        )
        for name, table in tables.items()
    }
