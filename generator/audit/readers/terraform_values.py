"""What Terraform's operators and functions make of values: known, another resource's, or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from generator.audit.readers.terraform_functions import FUNCTIONS, SHAPING, arithmetic, is_true
from generator.audit.values import Origin, Reference, Unknown, Value, references, text, walk

__all__ = [
    "Budget",
    "bounded",
    "called",
    "chosen",
    "gathered",
    "joined",
    "member",
    "moved",
    "negated",
    "operated",
    "pairs",
    "told",
    "unsettled",
]

WHY = "Terraform computes it when it plans"
COMPLETED = "Terraform completes it when it plans"
_MISSING = "it has no "
LARGEST = 5_000
LARGEST_TEXT = 20_000


@dataclass(slots=True)
class Budget:
    """How many more expressions and calls are followed: names that name names grow without end."""

    left: int = 100_000

    def is_spent(self, cost: int = 1) -> bool:
        """Take so many, and tell whether there were too few."""
        self.left -= cost
        return self.left < 0


def moved(value: Value, line: int) -> Value:
    """Return a value as standing at a line: what comes from elsewhere has lines of another file."""
    if isinstance(value.data, Mapping):
        return replace(
            value, data={name: moved(inner, line) for name, inner in value.data.items()}, line=line
        )
    if isinstance(value.data, list):
        return replace(value, data=[moved(inner, line) for inner in value.data], line=line)
    return replace(value, line=line)


def unsettled(parts: Sequence[Value], line: int, why: str = WHY) -> Value:
    """Return a value that nobody knows yet: another resource's where it is made from one, else unknown."""
    made_from = tuple(dict.fromkeys(name for part in parts for name in references(part)))
    if len(made_from) == 1:
        return Value(Reference(made_from[0]), line)
    reasons = (part.data.reason for part in parts if isinstance(part.data, Unknown))
    return Value(Unknown(next(reasons, why) if not made_from else why, made_from), line)


def _is_known(value: Value) -> bool:
    if isinstance(value.data, Unknown | Reference):
        return False
    if isinstance(value.data, Mapping):
        return all(_is_known(inner) for inner in value.data.values())
    return all(_is_known(inner) for inner in value.data) if isinstance(value.data, list) else True


def _is_shaped(value: Value) -> bool:
    """Tell whether a value itself is known, whatever is in it."""
    return not isinstance(value.data, Unknown | Reference)


def _origins(*values: Value) -> tuple[Origin, ...]:
    return tuple(dict.fromkeys(origin for value in values for origin in value.origins))


def operated(sign: str, left: Value, right: Value, line: int) -> Value:
    """Return what an operator makes of two values."""
    if sign in {"&&", "||"}:
        settles = sign == "||"
        for one in (left, right):
            if isinstance(one.data, bool) and one.data is settles:
                return one
    is_null_asked = sign in {"==", "!="} and None in (left.data, right.data)
    is_settled = _is_shaped if is_null_asked else _is_known
    if not (is_settled(left) and is_settled(right)):
        return unsettled((left, right), line)
    found = arithmetic(sign, left, right)
    return Value(Unknown(WHY) if found is None else found, line, _origins(left, right))


def chosen(condition: Value, yes: Value, no: Value, line: int) -> Value:
    """Return what a condition chooses."""
    answer = is_true(condition)
    if answer is None:
        if _is_known(yes) and _is_known(no) and text(yes.data) == text(no.data) and yes.data == no.data:
            return yes
        return unsettled((condition, yes, no), line)
    found = yes if answer else no
    return replace(found, origins=_origins(found, condition))


def member(value: Value, index: Value, line: int) -> Value:
    """Return what an index or the name of an attribute leads to."""
    if isinstance(value.data, Reference):
        return value
    if not isinstance(index.data, str | int) or isinstance(value.data, Unknown) or index.data == "*":
        return unsettled((value, index), line)
    inner: Value | None = None
    if isinstance(value.data, list) and isinstance(index.data, int):
        inner = value.data[index.data] if -1 < index.data < len(value.data) else None
    elif isinstance(value.data, Mapping):
        inner = value.data.get(text(index.data))
    if inner is None:
        return Value(Unknown(f"{_MISSING}{text(index.data)}"), line)
    return replace(inner, origins=_origins(inner, value, index))


def negated(sign: str, value: Value, line: int) -> Value:
    """Return what a minus or a not makes of a value."""
    if not _is_known(value):
        return unsettled((value,), line)
    truth = is_true(value)
    found = arithmetic("-", Value(0), value) if sign == "-" else (None if truth is None else not truth)
    return Value(Unknown(WHY) if found is None else found, line, value.origins)


def pairs(value: Value) -> Sequence[tuple[Value, Value]] | None:
    """Return the keys and values of a list or mapping; `None` where nobody knows them."""
    if isinstance(value.data, Mapping):
        return [
            (Value(name), replace(inner, origins=_origins(inner, value)))
            for name, inner in value.data.items()
        ]
    if isinstance(value.data, list):
        listed = (replace(inner, origins=_origins(inner, value)) for inner in value.data)
        return [(Value(index), inner) for index, inner in enumerate(listed)]
    return None


def gathered(made: Sequence[tuple[Value, Value, Value]], line: int, *, is_list: bool) -> Value:
    """Return what the rounds of a `for` give, each with its condition, key and value."""
    kept = [(is_true(condition), condition, key, value) for condition, key, value in made]
    open_ones = [one for one in kept if one[0] is None or not (is_list or isinstance(one[2].data, str | int))]
    if open_ones:
        return unsettled([part for one in open_ones for part in one[1:]], line)
    origins = _origins(*(one[1] for one in kept), *(one[2] for one in kept))
    chosen_ones = [(key, value) for holds, _, key, value in kept if holds]
    if is_list:
        return bounded(Value([value for _, value in chosen_ones], line, origins))
    return bounded(Value({text(key.data): value for key, value in chosen_ones}, line, origins))


def called(name: str, given: Sequence[Value], line: int) -> Value:
    """Return what a function makes of its arguments."""
    if name in {"try", "coalesce"}:
        return _first(given, line, is_attempt=name == "try")
    is_settled = _is_shaped if name in SHAPING else _is_known
    if name not in FUNCTIONS or not all(is_settled(one) for one in given):
        return unsettled(given, line)
    try:
        made = FUNCTIONS[name](*given)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError):
        return unsettled(given, line)
    return bounded(replace(made, line=line, origins=_origins(*given, made)))


def _first(given: Sequence[Value], line: int, *, is_attempt: bool) -> Value:
    """Return the first that can be taken; one before it that nobody knows makes all of it unknown."""
    for one in given:
        if isinstance(one.data, Unknown) and is_attempt and one.data.reason.startswith(_MISSING):
            continue
        if isinstance(one.data, Reference) or not _is_known(one):
            return unsettled(given, line)
        if is_attempt or (one.data is not None and one.data != ""):
            return one
    return unsettled(given, line)


def joined(parts: Sequence[Value], line: int) -> Value:
    """Return the parts of a string as one."""
    if not all(_is_known(part) and not isinstance(part.data, list | Mapping) for part in parts):
        return unsettled(parts, line, COMPLETED)
    whole = "".join(text(part.data) for part in parts)
    return bounded(Value(whole, line, _origins(*parts)))


def bounded(value: Value) -> Value:
    """Return a value that is not too large: what doubles what doubles is soon larger than any machine."""
    is_long = isinstance(value.data, str) and len(value.data) > LARGEST_TEXT
    if is_long or sum(1 for _ in islice(walk(value), LARGEST + 1)) > LARGEST:
        return Value(Unknown("it is larger than what is read here"), value.line)
    return value


def told(value: Value, origin: Origin) -> Value:
    """Return a value, and everything in it, as found in one more step."""
    if isinstance(value.data, Mapping):
        return replace(
            value, data={name: told(inner, origin) for name, inner in value.data.items()}
        ).found_by(origin)
    if isinstance(value.data, list):
        return replace(value, data=[told(inner, origin) for inner in value.data]).found_by(origin)
    return value.found_by(origin)
