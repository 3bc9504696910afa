"""Values as a file declares them: each with its line, and how it was found.

Three things are never mixed up: a value, a value that only the deployment knows, and no value at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

__all__ = [
    "DEEPEST",
    "MOST_VALUES",
    "NO_VALUE",
    "Certainty",
    "Data",
    "NoValue",
    "Origin",
    "Reference",
    "Scalar",
    "Unknown",
    "Value",
    "certainty_of",
    "number",
    "references",
    "text",
    "walk",
    "why_unknown",
]

MOST_VALUES, DEEPEST = 200_000, 100
"""What a document may hold, and how deep; beyond that somebody means to exhaust who reads it."""

Scalar: TypeAlias = str | int | float | bool | None
Certainty = Literal["certain", "at defaults", "conditional", "unknown"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only the deployment knows.

    Attributes:
        reason: Why, as the end of a sentence.
        references: Logical ids of the resources that it is made from.
    """

    reason: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that another resource of the same stack will have."""

    logical_id: str
    attribute: str = "Ref"


@dataclass(frozen=True, slots=True)
class NoValue:
    """What `AWS::NoValue` leaves behind: the property is as if it were not written."""


NO_VALUE = NoValue()


@dataclass(frozen=True, slots=True)
class Origin:
    """One step of how a value was found.

    Attributes:
        kind: `default` and `assumed` may be another value at deployment; the others may not.
        text: For a person, as `parameter MinSize, default 2`.
    """

    kind: Literal["default", "assumed", "given", "mapping", "condition", "globals", "absent", "scaling"]
    text: str


Data: TypeAlias = "Scalar | Mapping[str, Value] | Sequence[Value] | Unknown | Reference | NoValue"


@dataclass(frozen=True, slots=True)
class Value:
    """A piece of a document.

    Attributes:
        data: A scalar, a mapping, a list, or why it is none of these.
        line: Where it is written, counted from one; zero where a format has no lines.
        origins: How it was found, in the order of the steps; empty when it is written as it is.
    """

    data: Data
    line: int = 0
    origins: tuple[Origin, ...] = ()

    def member(self, name: str) -> Value | None:
        """Return what a mapping has under a name; `None` when it has nothing or is no mapping."""
        return self.data.get(name) if isinstance(self.data, Mapping) else None

    def items(self) -> Sequence[Value]:
        """Return the elements of a list; anything else counts as a list of itself."""
        if isinstance(self.data, Sequence) and not isinstance(self.data, str):
            return self.data
        return () if self.data is None or isinstance(self.data, NoValue) else (self,)

    def found_by(self, *origins: Origin) -> Value:
        """Return the same value with more steps."""
        return replace(self, origins=(*self.origins, *origins)) if origins else self


def certainty_of(*values: Value | None) -> Certainty:
    """Return how sure a judgement can be that rests on these values."""
    present = [value for value in values if value is not None]
    if any(isinstance(value.data, Unknown | Reference) for value in present):
        return "unknown"
    kinds = {origin.kind for value in present for origin in value.origins}
    return "at defaults" if kinds & {"default", "assumed"} else "certain"


def number(value: Value | None) -> float | None:
    """Return a number, also one that is written as text; `None` for anything else."""
    if value is None or isinstance(value.data, bool) or not isinstance(value.data, str | int | float):
        return None
    try:
        found = float(value.data)
    except (OverflowError, ValueError):
        return None
    return found if found == found and abs(found) != float("inf") else None  # noqa: PLR0124  NaN is not itself


def text(data: object) -> str:
    """Return a scalar as CloudFormation compares it: `true` and "true" are the same, and so are 1 and 1.0."""
    if isinstance(data, bool):
        return str(data).lower()
    if isinstance(data, float) and data.is_integer():
        return str(int(data))
    return "" if data is None else str(data)


def references(value: Value) -> Iterator[str]:
    """Yield the logical id of every resource that a value is made from."""
    for inner in walk(value):
        if isinstance(inner.data, Reference):
            yield inner.data.logical_id
        elif isinstance(inner.data, Unknown):
            yield from inner.data.references


def walk(value: Value) -> Iterator[Value]:
    """Yield a value and everything in it."""
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        yield inner
        if isinstance(inner.data, Mapping):
            waiting.extend(inner.data.values())
        elif isinstance(inner.data, Sequence) and not isinstance(inner.data, str):
            waiting.extend(inner.data)


def why_unknown(value: Value) -> str:
    """Return why a value is not known, as the end of a sentence."""
    if isinstance(value.data, Unknown):
        return value.data.reason
    if isinstance(value.data, Reference):
        return f"it comes from {value.data.logical_id}, which the deployment makes"
    return "it cannot be resolved"
