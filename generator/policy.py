"""The policy that decides: loads the packaged file and an organisation's files over it.

The only input it reads is policy files; every number and sentence of the decision comes from there.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from generator import policy_check, policy_reader
from generator.errors import PolicyFileError
from generator.policy_model import (
    Answer,
    Choice,
    Fact,
    FargateRow,
    FargateSizes,
    Limit,
    Policy,
    Tier,
    WarningRule,
)
from generator.policy_reader import BOUNDS, row_name
from generator.questions import fact_is_asked
from generator.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Answer",
    "Choice",
    "Fact",
    "FargateRow",
    "FargateSizes",
    "Limit",
    "Policy",
    "Tier",
    "WarningRule",
    "fact_is_asked",
    "load",
]

PACKAGED = Path(__file__).with_name("policy.toml")

_EXTENSIBLE = frozenset({"limits", "warnings"})
"""Tables that an organisation may add rows to; rows of other tables mean nothing without code."""

Origins = dict[tuple[str, str], str]


def load(*layers: str | Path) -> Policy:
    """Load the packaged policy, with files of an organisation over it, the last one on top.

    A file names tables and the keys it changes; a key replaces the value below it as a whole.

    Raises:
        PolicyFileError: A file cannot be read, or the result is inconsistent; it names the table and the key.
    """
    merged = _tables_of(PACKAGED)
    origins: Origins = {}
    for layer in map(Path, layers):
        _lay_over(merged, _tables_of(layer), layer.name, origins)

    def source_of(table: str, key: str) -> str:
        return origins.get((table, key)) or origins.get((table, "")) or PACKAGED.name

    policy = policy_reader.read(merged, source_of)
    policy_check.check(policy, source_of)
    return policy


def _tables_of(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyFileError(path.name, "", "", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise PolicyFileError(path.name, "", "", "is not UTF-8 text") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyFileError(path.name, "", "", f"is not TOML: {error}") from error


def _lay_over(below: dict[str, object], above: Mapping[str, object], name: str, origins: Origins) -> None:
    for table, entries in above.items():
        if table not in below:
            raise PolicyFileError(name, "", table, _unknown("table or key", table, below))
        base = below[table]
        if isinstance(base, dict) and isinstance(entries, dict):
            _lay_table_over(table, base, entries, name, origins)
        else:
            below[table] = entries
            origins |= {("", table): name, (table, ""): name}


def _lay_table_over(
    table: str, below: dict[str, object], above: Mapping[str, object], name: str, origins: Origins
) -> None:
    for key, value in above.items():
        if key not in below and table not in _EXTENSIBLE:
            raise PolicyFileError(name, table, key, _unknown("key", key, below))
        base = below.get(key, {})
        row = row_name(table, key)
        if isinstance(base, dict) and isinstance(value, dict):
            below[key] = _with_one_bound(base, value) | value
            origins |= {(row, inner): name for inner in value}
            origins.setdefault((row, ""), name)
        else:
            below[key] = value
            origins |= {(table, key): name, (row, ""): name}


def _with_one_bound(base: dict[str, object], value: Mapping[str, object]) -> dict[str, object]:
    """Return a row without its own bound where the row over it brings one of another kind."""
    return {key: kept for key, kept in base.items() if key not in BOUNDS or not BOUNDS & value.keys()}


def _unknown(what: str, word: str, known: Mapping[str, object]) -> str:
    close = nearest(word, known)
    return f"unknown {what}" + (f"; did you mean '{close}'?" if close else "")
