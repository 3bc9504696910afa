"""What the intrinsic functions of CloudFormation give when their arguments are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from generator.audit.values import Value, text, walk

if TYPE_CHECKING:
    from generator.audit.values import Origin

__all__ = ["computed", "origins_of", "same", "typed"]

_LISTS = ("CommaDelimitedList", "List<")


def typed(written: str, kind: str, line: int) -> str | list[Value]:
    """Return the value of a parameter of a type: text, or the list that its text stands for."""
    if kind.startswith(_LISTS):
        return [Value(part.strip(), line) for part in written.split(",") if part.strip()]
    return written


def same(one: Value, other: Value) -> bool:
    """Tell whether two values hold the same scalars in the same order."""
    return [inner.data for inner in walk(one) if not isinstance(inner.data, Mapping)] == [
        inner.data for inner in walk(other) if not isinstance(inner.data, Mapping)
    ]


def origins_of(value: Value) -> tuple[Origin, ...]:
    """Return every step by which a value and everything in it was found, each once."""
    return tuple(dict.fromkeys(origin for inner in walk(value) for origin in inner.origins))


def computed(function: str, argument: Value) -> Value | None:  # noqa: PLR0911  one for each function
    """Return what a function of known arguments gives; `None` when only a deployment could compute it."""
    parts = argument.items()
    match function, parts:
        case "Fn::Equals", [left, right]:
            return Value(text(left.data) == text(right.data))
        case "Fn::Not", [held] if isinstance(held.data, bool):
            return Value(not held.data)
        case "Fn::And", [*held] if all(isinstance(item.data, bool) for item in held):
            return Value(all(item.data for item in held))
        case "Fn::Or", [*held] if all(isinstance(item.data, bool) for item in held):
            return Value(any(item.data for item in held))
        case "Fn::Join", [separator, listed]:
            return Value(text(separator.data).join(text(item.data) for item in listed.items()))
        case "Fn::Split", [separator, whole] if text(separator.data):
            return Value([Value(part) for part in text(whole.data).split(text(separator.data))])
        case "Fn::Select", [index, listed] if text(index.data).isdigit() and int(text(index.data)) < len(
            listed.items()
        ):
            return listed.items()[int(text(index.data))]
        case "Fn::Length", _:
            return Value(len(parts))
        case "Fn::ToJsonString" | "Fn::Base64", _:
            return argument
    return None
