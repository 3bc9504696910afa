"""Takes typed values out of a TOML table, and refuses what is missing, of a wrong type, or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING, NoReturn

from generator.conditions import ALWAYS, OPERATORS, Condition, Test
from generator.errors import PolicyFileError
from generator.sentences import fill
from generator.wording import nearest, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Reading", "Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What every table of a policy needs while it is read.

    Attributes:
        source_of: The file that gave a key of a table, because files are layered.
        numbers: The values of limits and assumptions, which a table may give instead of a number.
        words: The same with their units, for sentences.
    """

    source_of: Callable[[str, str], str]
    numbers: Mapping[str, float]
    words: Mapping[str, str]


class Table:
    """One table of a policy file, whose keys are taken one by one; `done` refuses the ones nobody took.

    Args:
        name: The name of the table as a policy file writes it.
        entries: Its keys and values.
        reading: What is shared by all tables.
    """

    def __init__(self, name: str, entries: object, reading: Reading) -> None:
        self.name, self._reading = name, reading
        self._entries: dict[str, object] = {}
        if not isinstance(entries, dict):
            self.refuse("", f"expected a table, found {shorten(entries)}")
        self._entries = dict(entries)

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raise the error that names this table and a key of it."""
        raise PolicyFileError(self._reading.source_of(self.name, key), self.name, key, problem)

    def done(self) -> None:
        """Refuse keys that nobody took."""
        for key in self._entries:
            self.refuse(key, "unknown key")

    def has(self, key: str) -> bool:
        """Tell whether the key is given and not taken yet."""
        return key in self._entries

    def raw(self, key: str, default: object = ...) -> object:
        """Take a value as it is; without a default the key is required."""
        value = self._entries.pop(key, default)
        if value is ...:
            self.refuse(key, "is missing")
        return value

    def text(self, key: str, default: object = ...) -> str:
        """Take a text that is not empty."""
        value = self.raw(key, default)
        if not isinstance(value, str) or (not value and default is ...):
            self.refuse(key, f"expected text, found {shorten(value)}")
        return value

    def sentence(self, key: str) -> str:
        """Take a text, with the limits and assumptions it names put in."""
        return fill(self.text(key), self._reading.words.get)

    def one_of(self, key: str, allowed: tuple[str, ...], default: object = ...) -> str:
        """Take one of some names."""
        value = self.text(key, default)
        if value not in allowed:
            close = nearest(value, allowed)
            hint = f"; did you mean '{close}'?" if close else ""
            self.refuse(key, f"'{shorten(value)}' is none of {', '.join(allowed)}{hint}")
        return value

    def flag(self, key: str) -> bool:
        """Take a true or false; absent is false."""
        value = self.raw(key, default=False)
        if not isinstance(value, bool):
            self.refuse(key, f"expected true or false, found {shorten(value)}")
        return value

    def as_number(self, key: str, value: object) -> float:
        """Check a value of this table as a finite number, or as the name of one."""
        if isinstance(value, str):
            if value not in self._reading.numbers:
                self.refuse(key, f"'{shorten(value)}' is neither a number, a limit nor an assumption")
            return self._reading.numbers[value]
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            self.refuse(key, f"expected a number, found {shorten(value)}")
        return value

    def number(self, key: str, default: object = ...) -> float:
        """Take a finite number, or the name of a limit or an assumption that has one."""
        return self.as_number(key, self.raw(key, default))

    def number_or_none(self, key: str) -> float | None:
        """Take a number that may be absent."""
        return self.number(key) if self.has(key) else None

    def whole(self, key: str, default: object = ...) -> int:
        """Take a whole number."""
        value = self.number(key, default)
        if value != int(value):
            self.refuse(key, f"expected a whole number, found {value}")
        return int(value)

    def day(self, key: str) -> date:
        """Take a date."""
        value = self.raw(key)
        if isinstance(value, datetime) or not isinstance(value, date):
            self.refuse(key, f"expected a date such as 2026-11-23, found {shorten(value)}")
        return value

    def items(self, key: str, default: object = ...) -> list[object]:
        """Take a list."""
        value = self.raw(key, default)
        if not isinstance(value, list):
            self.refuse(key, f"expected a list, found {shorten(value)}")
        return value

    def condition(self, key: str) -> Condition:
        """Take a condition, which holds always when it is not given."""
        return self._as_condition(key, self.raw(key)) if self.has(key) else ALWAYS

    def tables(self, key: str) -> dict[str, object]:
        """Take a table as it is."""
        value = self.raw(key)
        if not isinstance(value, dict):
            self.refuse(key, f"expected a table, found {shorten(value)}")
        return value

    def inner(self, key: str, entries: object) -> Table:
        """Return a table that stands inside this one."""
        return Table(f"{self.name}.{key}", entries, self._reading)

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts with at least one in it."""
        values = self.items(key)
        found = tuple(value for value in values if isinstance(value, str))
        if not found or len(found) != len(values):
            self.refuse(key, f"expected a list of texts, found {shorten(values)}")
        return found

    def link(self, key: str) -> str:
        """Take the address of a public page."""
        value = self.text(key)
        if not value.startswith("https://"):
            self.refuse(key, f"expected an https:// address, found {shorten(value)}")
        return value

    def _as_condition(self, key: str, entries: object) -> Condition:
        if not isinstance(entries, dict):
            self.refuse(key, f"expected a condition such as {{ trigger = 'http' }}, found {shorten(entries)}")
        tests: list[Test] = []
        alternatives: tuple[Condition, ...] = ()
        for name, operand in entries.items():
            if name == "any":
                if not isinstance(operand, list) or not operand:
                    self.refuse(key, "`any` expects a list of conditions")
                alternatives = tuple(self._as_condition(key, entry) for entry in operand)
            else:
                tests += self._as_tests(key, name, operand)
        return Condition(tests=tuple(tests), any_of=alternatives)

    def _as_tests(self, key: str, name: str, operand: object) -> list[Test]:
        if not isinstance(operand, dict):
            return [Test(name=name, operator="in", operand=_as_tuple(operand))]
        tests: list[Test] = []
        for operator in OPERATORS:
            if operator not in operand:
                continue
            given = operand[operator]
            if operator == "not":
                tests.append(Test(name=name, operator="not", operand=_as_tuple(given)))
            elif operator == "given":
                tests.append(Test(name=name, operator="given", operand=given is True))
            else:
                tests.append(Test(name=name, operator=operator, operand=self.as_number(key, given)))
        if len(tests) != len(operand) or not tests:
            self.refuse(key, f"{name}: expected tests among {', '.join(OPERATORS)}, found {shorten(operand)}")
        return tests


def _as_tuple(operand: object) -> tuple[object, ...]:
    return tuple(operand) if isinstance(operand, list) else (operand,)


def _is_finite(value: float) -> bool:
    return isinstance(value, int) or isfinite(value)
