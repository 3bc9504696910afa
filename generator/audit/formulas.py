"""The formulas of the price data: what a resource bills a month, from its properties and hourly prices."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from generator.audit.values import Reference, Unknown, Value, number, references, text, why_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.audit.stack import Resource, Stack

__all__ = ["FormulaError", "evaluate", "hourly_price", "variable_of"]

_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
# How many times a `large` it is. Within a family AWS prices by size, so one listed size gives the others.
_SIZES = {"nano": 1 / 16, "micro": 1 / 8, "small": 1 / 4, "medium": 1 / 2, "large": 1.0, "xlarge": 2.0}


# More than a country earns in a year: somebody mistyped, and sums of such amounts end at infinity.
_USD_BEYOND_ANY_BILL = 1e12


class FormulaError(ValueError):
    """No amount can be given; the message says why, as the end of a sentence."""


def variable_of(
    variable: Mapping[str, Any], resource: Resource, stack: Stack
) -> tuple[float | str | Unknown, list[Value]]:
    """Return what a variable of a formula is for a resource, and the values that it rests on."""
    path, found = _written(variable.get("path", ()), resource, stack)
    # Without a default AWS takes none either: the amount hangs on what is written elsewhere.
    default = variable.get("default", Unknown(f"{path.rpartition('.')[2]} is not written here"))
    if variable.get("measure") == "length":
        # How long a list parameter is, only the deployment knows; the default is what is usual.
        known = bool(found) and not isinstance(found[0].data, Unknown | Reference)
        left_out = variable.get("without", ())
        counted = [one for one in found[0].items() if not any(map(one.member, left_out))] if known else ()
        return (len(counted) if known else default), found
    if "map_by_referenced_type" in variable:
        named = (name for value in found for name in references(value) if name in stack.resources)
        table = variable["map_by_referenced_type"]
        return next(
            (table[kind] for name in named if (kind := stack.resources[name].type) in table), default
        ), []
    if not found:
        return default, []
    value = found[0]
    if isinstance(value.data, Unknown | Reference):
        return Unknown(f"{path}: {why_unknown(value)}"), found
    if "map" in variable:
        unlisted = variable.get("otherwise", Unknown(f"no price is listed for {path} {text(value.data)}"))
        return variable["map"].get(text(value.data), unlisted), [value]
    amount = number(value)
    return (text(value.data) if amount is None else amount / variable.get("divide_by", 1)), [value]


def _written(paths: str | Sequence[str], resource: Resource, stack: Stack) -> tuple[str, list[Value]]:
    """Return the first of some paths at which there is a value but 0, else the last, and what is there."""
    tried: tuple[str, list[Value]] = ("", [])
    for path in (paths,) if isinstance(paths, str) else paths:
        found = stack.values(resource, path)
        tried = (path, found or tried[1])
        if found and number(found[0]) != 0:
            break
    return tried


def evaluate(
    formula: str, values: Mapping[str, float | str], hourly: Mapping[str, Mapping[str, float]]
) -> float:
    """Return the dollars a month that a formula gives.

    Args:
        formula: Plain arithmetic over variables, with look-ups such as `price_ec2(type)`.
        values: The variables.
        hourly: Table by the name of its look-up: instance type -> dollars an hour.

    Raises:
        FormulaError: A price is not listed, or a variable is no number.
    """

    def walk(node: ast.expr) -> float:
        match node:
            case ast.Constant(value=int() | float() as constant):
                return float(constant)
            case ast.Name(id=name):
                return float(values[name])
            case ast.BinOp(left=left, op=sign, right=right):
                return _ARITHMETIC[type(sign)](walk(left), walk(right))
            case ast.Call(func=ast.Name(id=table), args=[ast.Name(id=key)]):
                return hourly_price(hourly[table], str(values[key]))
        raise FormulaError(f"{ast.unparse(node)} is not part of the formula language")

    try:
        amount = walk(ast.parse(formula, mode="eval").body)
    except (KeyError, TypeError, ZeroDivisionError) as error:
        raise FormulaError("its size is not known") from error
    except ValueError as error:
        raise error if isinstance(error, FormulaError) else FormulaError("its size is no number") from error
    if not abs(amount) < _USD_BEYOND_ANY_BILL:
        raise FormulaError("its size is beyond any bill")
    return amount


def hourly_price(table: Mapping[str, float], instance_type: str) -> float:
    """Return what an instance type costs an hour: as listed, else by its size from another one of its family.

    Raises:
        FormulaError: Nothing of its family is listed.
    """
    if instance_type in table:
        return table[instance_type]
    family, _, size = instance_type.rpartition(".")
    factor = _size(size)
    for name, usd in table.items():
        listed_family, _, listed_size = name.rpartition(".")
        listed = _size(listed_size)
        if listed_family == family and factor and listed:
            return usd * factor / listed
    raise FormulaError(f"no price is listed for {instance_type}")


def _size(size: str) -> float:
    if size in _SIZES:
        return _SIZES[size]
    times = size.removesuffix("xlarge")
    return 2.0 * int(times) if times != size and times.isdigit() else 0.0
