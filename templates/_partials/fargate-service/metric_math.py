"""CloudWatch's metric math: as much of the language as the alarms here use, and no more."""

from __future__ import annotations

import ast
import functools
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["value_of"]

_OPERATORS: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def value_of(expression: str, metrics: Mapping[str, float | None]) -> float | None:
    """Return the value of an expression; None when it needs a metric that has none.

    Raises:
        NotImplementedError: The expression says something that is not known here.
    """
    value: float | None = _value(_parsed(expression), metrics)
    return value


@functools.cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression.replace(" AND ", " and "), mode="eval").body


def _value(node: ast.expr, metrics: Mapping[str, float | None]) -> Any:
    match node:
        case ast.Constant(value=number):
            return number
        case ast.Name(id=name):
            return metrics[name]
        case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
            sides = (_value(left, metrics), _value(right, metrics))
            return None if None in sides else float(_OPERATORS[type(op)](*sides))
        case ast.BoolOp(op=ast.And(), values=values):
            return float(all(_value(value, metrics) for value in values))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            return _value(then if _value(condition, metrics) else otherwise, metrics)
        case ast.Call(func=ast.Name(id="FILL"), args=[metric, instead]):
            value = _value(metric, metrics)
            return _value(instead, metrics) if value is None else value
    message = f"{ast.unparse(node)} is not known here: say in metric_math.py what it means"
    raise NotImplementedError(message)
