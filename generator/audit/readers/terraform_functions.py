"""Functions and operators of Terraform's language over values that are known."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

from generator.audit.values import Data, Value, number, text

__all__ = ["FUNCTIONS", "SHAPING", "arithmetic", "is_true"]

_OPERATORS: Mapping[str, Callable[[float, float], float | bool]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
LONGEST = 1000
"""More numbers of a range are not written out."""


def is_true(value: Value) -> bool | None:
    """Return what a value is as a condition; `None` where it is none."""
    return (
        {"true": True, "false": False}.get(text(value.data)) if isinstance(value.data, str | bool) else None
    )


def arithmetic(sign: str, left: Value, right: Value) -> Data:
    """Return what an operator makes of two values; `None` where they do not fit."""
    if sign in {"&&", "||"}:
        both = (is_true(left), is_true(right))
        return None if None in both else (all(both) if sign == "&&" else any(both))
    if sign in {"==", "!="}:
        return (_plain(left) == _plain(right)) is (sign == "==")
    one, other = number(left), number(right)
    if one is None or other is None or (other == 0 and sign in {"/", "%"}):
        return None
    found = _OPERATORS[sign](one, other)
    return found if isinstance(found, bool) else _short(found)


def _short(found: float) -> float:
    return int(found) if math.isfinite(found) and found == int(found) else found


def _plain(value: Value) -> object:
    """Return a value without lines, to compare it; Terraform compares a number and its text as unlike."""
    if isinstance(value.data, Mapping):
        return {name: _plain(inner) for name, inner in value.data.items()}
    if isinstance(value.data, list):
        return [_plain(inner) for inner in value.data]
    if isinstance(value.data, bool | str) or value.data is None:
        return value.data
    return number(value)


def _items(value: Value) -> list[Value]:
    if isinstance(value.data, list):
        return value.data
    raise TypeError(value.data)


def _members(value: Value) -> Mapping[str, Value]:
    if isinstance(value.data, Mapping):
        return value.data
    raise TypeError(value.data)


def _text(value: Value) -> str:
    if isinstance(value.data, str | int | float):
        return text(value.data)
    raise TypeError(value.data)


def _number(value: Value) -> float:
    found = number(value)
    if found is None:
        raise TypeError(value.data)
    return found


def _length(value: Value) -> Value:
    if isinstance(value.data, str | list | Mapping):
        return Value(len(value.data))
    raise TypeError(value.data)


def _lookup(where: Value, key: Value, *default: Value) -> Value:
    found = _members(where).get(_text(key))
    return found if found is not None else default[0]


def _distinct(value: Value) -> Value:
    kept: list[Value] = []
    for item in _items(value):
        if _plain(item) not in [_plain(one) for one in kept]:
            kept.append(item)
    return Value(kept)


def _merge(*given: Value) -> Value:
    return Value(
        {name: inner for one in given if one.data is not None for name, inner in _members(one).items()}
    )


def _flatten(value: Value) -> Value:
    found: list[Value] = []
    for item in _items(value):
        found += _items(_flatten(item)) if isinstance(item.data, list) else [item]
    return Value(found)


def _boolean(value: Value) -> Value:
    found = is_true(value)
    if found is None:
        raise TypeError(value.data)
    return Value(found)


def _one(value: Value) -> Value:
    listed = _items(value)
    if len(listed) > 1:
        raise ValueError(len(listed))
    return listed[0] if listed else Value(None)


def _replaced(value: Value, old: Value, new: Value) -> Value:
    if _text(old).startswith("/"):
        raise ValueError("a regular expression of another language")
    return Value(_text(value).replace(_text(old), _text(new)))


def _rest(value: Value, first: Value, last: Value) -> Value:
    return Value(_items(value)[int(_number(first)) : int(_number(last))])


def _range(*given: Value) -> Value:
    bounds = [int(_number(one)) for one in given]
    listed = range(*bounds)
    if len(listed) > LONGEST:
        raise ValueError(len(listed))
    return Value([Value(index) for index in listed])


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "abs": lambda value: Value(_short(abs(_number(value)))),
    "ceil": lambda value: Value(math.ceil(_number(value))),
    "compact": lambda value: Value([item for item in _items(value) if item.data not in {None, ""}]),
    "concat": lambda *given: Value([item for one in given for item in _items(one)]),
    "contains": lambda value, wanted: Value(_plain(wanted) in [_plain(item) for item in _items(value)]),
    "distinct": _distinct,
    "element": lambda value, index: _items(value)[int(_number(index)) % len(_items(value))],
    "endswith": lambda value, end: Value(_text(value).endswith(_text(end))),
    "flatten": _flatten,
    "floor": lambda value: Value(math.floor(_number(value))),
    "join": lambda between, value: Value(_text(between).join(_text(item) for item in _items(value))),
    "keys": lambda value: Value([Value(name) for name in sorted(_members(value))]),
    "length": _length,
    "lookup": _lookup,
    "lower": lambda value: Value(_text(value).lower()),
    "max": lambda *given: Value(_short(max(_number(one) for one in given))),
    "merge": _merge,
    "min": lambda *given: Value(_short(min(_number(one) for one in given))),
    "one": _one,
    "range": _range,
    "replace": _replaced,
    "slice": _rest,
    "split": lambda between, value: Value([Value(part) for part in _text(value).split(_text(between))]),
    "startswith": lambda value, start: Value(_text(value).startswith(_text(start))),
    "tobool": _boolean,
    "tolist": lambda value: Value(_items(value)),
    "tomap": lambda value: Value(_members(value)),
    "tonumber": lambda value: Value(_short(_number(value))),
    "toset": _distinct,
    "tostring": lambda value: Value(_text(value)),
    "trimspace": lambda value: Value(_text(value).strip()),
    "upper": lambda value: Value(_text(value).upper()),
    "values": lambda value: Value([_members(value)[name] for name in sorted(_members(value))]),
}
"""The functions whose result follows from values alone; `try` and `coalesce` take unknown ones too."""

SHAPING = frozenset(
    {"concat", "element", "keys", "length", "lookup", "merge", "one", "slice", "tolist", "tomap", "values"}
)
"""Those that look at the shape of a list or mapping alone, so what is in it need not be known."""
