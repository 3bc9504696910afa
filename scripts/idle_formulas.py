"""Check the idle rows of the facts: predicates well-formed, formulas worth what their example says."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["FactsError", "check_idle_row", "evaluate"]

IDLE_KINDS = frozenset({"none", "fixed", "conditional", "storage"})
OPERATIONS = frozenset(
    [
        "exists",
        "missing",
        "eq",
        "ne",
        "gt",
        "ge",
        "lt",
        "in",
        "not_in",
        "resolves_to",
        "referenced_by",
        "used_by_service",
    ],
)
VALUELESS = frozenset({"exists", "missing", "used_by_service"})
TOLERANCE_USD = 0.01
_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
Row = Mapping[str, Any]


class FactsError(ValueError):
    """The facts file contradicts itself."""


def check_idle_row(row: Row, prices: Row) -> Iterator[str]:
    """Yield each problem of one row of `idle_cost_by_cfn_type`."""
    name = row["type"]
    if row["idle"] not in IDLE_KINDS:
        yield f"{name}: idle is {row['idle']}, not one of {', '.join(sorted(IDLE_KINDS))}"
    if row["idle"] == "conditional" and "when" not in row:
        yield f"{name}: conditional without a predicate"
    if row["idle"] == "none" and ({"usd_per_month", "formula", "when"} & set(row)):
        yield f"{name}: bills nothing, yet has a price"
    for key in ("source", "as_of", "confidence"):
        if not row.get(key):
            yield f"{name}: no {key}"
    if "when" in row:
        yield from (f"{name}: {problem}" for problem in _predicate_problems(row["when"]))
    if "formula" in row:
        yield from (f"{name}: {problem}" for problem in _formula_problems(row, prices))


def _predicate_problems(when: Row) -> Iterator[str]:
    for combination in ("any", "all"):
        if combination in when:
            if len(when) > 1 or not when[combination]:
                yield f"`{combination}` stands alone with at least one clause"
            for clause in when[combination]:
                yield from _predicate_problems(clause)
            return
    if unknown := set(when) - {"path", "op", "value", "default"}:
        yield f"unknown keys in a clause: {', '.join(sorted(unknown))}"
    if not isinstance(when.get("path"), str):
        yield "a clause without a path"
    if when.get("op") not in OPERATIONS:
        yield f"unknown operation {when.get('op')}"
    elif (when["op"] in VALUELESS) == ("value" in when):
        yield f"operation {when['op']} {'takes no' if 'value' in when else 'needs a'} value"


def _formula_problems(row: Row, prices: Row) -> Iterator[str]:
    names = {name: variable["default"] for name, variable in row["vars"].items() if "default" in variable}
    if unknown := set(row.get("example_with", {})) - set(row["vars"]):
        yield f"the example sets unknown variables: {', '.join(sorted(unknown))}"
    try:
        usd = evaluate(row["formula"], {**names, **row.get("example_with", {})}, prices)
    except (FactsError, SyntaxError, ZeroDivisionError) as error:
        yield f"formula {row['formula']}: {error}"
        return
    if abs(usd - row["example_usd_per_month"]) > TOLERANCE_USD:
        yield f"formula {row['formula']} gives {usd:.4f}, its example says {row['example_usd_per_month']}"


def evaluate(formula: str, values: Mapping[str, float | str], prices: Row) -> float:
    """Return the dollars a month that a formula gives for these values.

    Raises:
        FactsError: The formula uses a name, function or operation that the language does not have.
    """
    tables = {"price_ec2": prices["ec2_on_demand"]["usd"], "price_rds": prices["rds_on_demand"]["usd"]}

    def walk(node: ast.expr) -> float | str:
        match node:
            case ast.Constant(value=int() | float() as number):
                return number
            case ast.Name(id=name) if name in values:
                return values[name]
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
                return _ARITHMETIC[type(sign)](_number(walk(left)), _number(walk(right)))
            case ast.Call(func=ast.Name(id=table), args=[key], keywords=[]) if table in tables:
                found = tables[table].get(walk(key))
                if found is None:
                    raise FactsError(f"{table} does not list {walk(key)}")
                return float(found)
            case _:
                raise FactsError(f"{ast.unparse(node)} is not part of the formula language")

    return _number(walk(ast.parse(formula, mode="eval").body))


def _number(value: float | str) -> float:
    if isinstance(value, str):
        raise FactsError(f"{value!r} is not a number")
    return value
