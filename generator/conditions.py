"""Conditions as data: tests of named values, which the policy file writes and answers and measures meet.

A test of a value that is not known fails, except that an unknown value is none of anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ALWAYS", "OPERATORS", "Condition", "Test", "bound_holds", "every_test", "holds"]

Operator = Literal["in", "not", "above", "at_least", "below", "at_most", "given"]

OPERATORS: tuple[Operator, ...] = ("not", "above", "at_least", "below", "at_most", "given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One test of one named value.

    Attributes:
        name: A fact, a measure, or a setting as `settings.<name>`.
        operator: How the value is compared.
        operand: A tuple of allowed or forbidden values, a number, or for `given` whether it must be known.
    """

    name: str
    operator: Operator
    operand: tuple[object, ...] | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Tests that must all hold, and alternatives of which one must hold if there are any."""

    tests: tuple[Test, ...] = ()
    any_of: tuple[Condition, ...] = ()


ALWAYS = Condition()


def holds(condition: Condition, values: Mapping[str, object]) -> bool:
    """Tell whether a condition holds for values by name; a value that is missing or `None` is unknown."""
    return all(_test_holds(test, values.get(test.name)) for test in condition.tests) and (
        not condition.any_of or any(holds(alternative, values) for alternative in condition.any_of)
    )


def every_test(condition: Condition) -> Iterator[Test]:
    """Yield every test of a condition and of its alternatives."""
    yield from condition.tests
    for alternative in condition.any_of:
        yield from every_test(alternative)


def bound_holds(operator: str, value: float, bound: float) -> bool:
    """Tell whether a number keeps a bound; a bound itself is inside `at_most` and `at_least`."""
    if operator == "at_most":
        return value <= bound
    if operator == "at_least":
        return value >= bound
    return value > bound if operator == "above" else value < bound


def _test_holds(test: Test, value: object) -> bool:
    operand = test.operand
    if test.operator == "given":
        return (value is not None) is operand
    if isinstance(operand, tuple):
        found = any(item in operand for item in value) if isinstance(value, tuple) else value in operand
        return found is (test.operator == "in")
    return isinstance(value, int | float) and bound_holds(test.operator, value, operand)
