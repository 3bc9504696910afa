"""Reads one answer: what a file, a flag or a person typed becomes a value of the right type, or a problem."""

from __future__ import annotations

import re
from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING

from generator.errors import AnswerProblem
from generator.sentences import say
from generator.wording import nearest, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.fact import Fact, Kind

__all__ = ["FactValue", "WrongAnswerError", "allowed", "problem_of", "problem_with", "read", "shown"]

FactValue = str | int | float | bool | date | tuple[str, ...]

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


class WrongAnswerError(ValueError):
    """An answer that its fact does not allow; carries the problem in a person's words."""


def read(fact: Fact, raw: object) -> FactValue:
    """Read an answer strictly.

    Args:
        fact: Says which kind of answer is wanted, and which range.
        raw: A value from YAML, JSON, TOML or the command line, where numbers and yes or no may come as text.

    Raises:
        WrongAnswerError: The answer is of another kind, or outside the range.
    """
    value = _READERS[fact.kind](fact, raw)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_range(fact, value)
    return value


def problem_with(fact: Fact, raw: object) -> str:
    """Return what is wrong with an answer, or an empty string."""
    try:
        read(fact, raw)
    except WrongAnswerError as error:
        return str(error)
    return ""


def problem_of(fact: Fact, raw: object, problem: str) -> AnswerProblem:
    """Return the problem of an answer for a report, with what would be accepted."""
    return AnswerProblem(key=fact.name, value=shown(raw), problem=problem, allowed=allowed(fact))


def shown(raw: object) -> str:
    """Return an answer for a message, short enough for one line whatever it is."""
    if isinstance(raw, tuple):
        raw = ", ".join(str(item) for item in raw)
    try:
        return shorten(raw)
    except ValueError:
        return "a number of thousands of digits"  # Python refuses to write it out


def allowed(fact: Fact) -> str:
    """Say what a fact accepts, in a few words."""
    if fact.choices:
        names = ", ".join(choice.name for choice in fact.choices)
        return f"none, or some of {names}" if fact.kind == "multichoice" else names
    if fact.kind == "text":
        return f"{fact.shortest} to {fact.longest:,} printable characters"
    if fact.kind in {"bool", "date"}:
        return "yes or no" if fact.kind == "bool" else "a date such as 2027-06-30"
    floor = f"more than {say(fact.above)}" if fact.above is not None else f"{say(fact.minimum)} or more"
    ceiling = "" if fact.maximum is None else f", at most {say(fact.maximum)}"
    whole = "a whole number" if fact.kind == "integer" else "a number"
    return f"{whole}, {floor}{ceiling}" + (f" ({fact.unit})" if fact.unit else "")


def _read_number(fact: Fact, raw: object) -> int | float:
    if isinstance(raw, bool):
        raise WrongAnswerError("is yes or no, not a number")
    if isinstance(raw, str):
        text = raw.strip()
        if not _NUMBER.fullmatch(text):
            raise WrongAnswerError("is not a plain decimal number")
        raw = float(text) if "." in text else int(text)
    if not isinstance(raw, int | float):
        raise WrongAnswerError("is not a number")
    if isinstance(raw, float):
        if not isfinite(raw):
            raise WrongAnswerError("is not a finite number")
        if raw.is_integer():
            raw = int(raw)
    if fact.kind == "integer" and not isinstance(raw, int):
        raise WrongAnswerError("is not a whole number")
    return raw


def _check_range(fact: Fact, value: float) -> None:
    if fact.above is not None and value <= fact.above:
        raise WrongAnswerError("is too small")
    if fact.minimum is not None and value < fact.minimum:
        raise WrongAnswerError("is too small")
    if fact.maximum is not None and value > fact.maximum:
        raise WrongAnswerError("is too large")


def _read_bool(_fact: Fact, raw: object) -> bool:
    value = _WORDS.get(raw.strip().lower()) if isinstance(raw, str) else raw
    if not isinstance(value, bool):
        raise WrongAnswerError("is neither yes nor no")
    return value


def _read_choice(fact: Fact, raw: object) -> str:
    names = [choice.name for choice in fact.choices]
    if isinstance(raw, bool):
        # YAML reads an unquoted yes or no as a truth value.
        raw = "yes" if raw else "no"
    if not isinstance(raw, str):
        raise WrongAnswerError("is not one of the choices")
    name = raw.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in names:
        close = nearest(name, names)
        raise WrongAnswerError("is not one of the choices" + (f"; did you mean `{close}`?" if close else ""))
    return name


def _read_multichoice(fact: Fact, raw: object) -> tuple[str, ...]:
    entries = [entry for entry in raw.split(",") if entry.strip()] if isinstance(raw, str) else raw
    if not isinstance(entries, list | tuple):
        raise WrongAnswerError("is not a list of choices")
    nothing = [entry for entry in entries if isinstance(entry, str) and entry.strip().lower() == "none"]
    if nothing and len(nothing) < len(entries):
        raise WrongAnswerError("says none and something else at once")
    chosen = set() if nothing else {_read_choice(fact, entry) for entry in entries}
    return tuple(choice.name for choice in fact.choices if choice.name in chosen)


def _read_text(fact: Fact, raw: object) -> str:
    if not isinstance(raw, str):
        raise WrongAnswerError("is not text")
    text = raw.strip()
    if not text.isprintable():
        raise WrongAnswerError("holds line breaks or characters that cannot be seen")
    if not fact.shortest <= len(text) <= fact.longest:
        raise WrongAnswerError(f"has {len(text):,} characters")
    return text


def _read_date(_fact: Fact, raw: object) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    text = raw.strip() if isinstance(raw, str) else ""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        raise WrongAnswerError("is not a date")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongAnswerError("is not a day of the calendar") from error


_READERS: dict[Kind, Callable[[Fact, object], FactValue]] = {
    "choice": _read_choice,
    "multichoice": _read_multichoice,
    "number": _read_number,
    "integer": _read_number,
    "bool": _read_bool,
    "text": _read_text,
    "date": _read_date,
}
