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
    """Return the value of an expression in one minute, for metrics of which some may have none in it.

    What is missing counts as 0 beside something that is there; what asks for missing values alone has none itself
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).

    Raises:
        NotImplementedError: The expression says something that is not known here.
    """
    return _value_of(expression, tuple(metrics.items()))


# Most minutes of a simulated day are alike.
@functools.lru_cache(maxsize=10_000)
def _value_of(expression: str, metrics: tuple[tuple[str, float | None], ...]) -> float | None:
    value: float | None = _value(_parsed(expression), dict(metrics))
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
            sides = _values([left, right], metrics)
            by_zero = isinstance(op, ast.Div) and sides is not None and not sides[1]
            return None if sides is None or by_zero else float(_OPERATORS[type(op)](*sides))
        case ast.BoolOp(op=ast.And(), values=nodes):
            values = _values(nodes, metrics)
            return None if values is None else float(all(values))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, *otherwise]):
            holds = _value(condition, metrics)
            if holds:
                return _value(then, metrics) or 0
            return None if holds is None or not otherwise else _value(otherwise[0], metrics)
        case ast.Call(func=ast.Name(id="FILL"), args=[metric, instead]):
            value = _value(metric, metrics)
            return _value(instead, metrics) if value is None else value
    message = f"{ast.unparse(node)} is not known here: say in metric_math.py what it means"
    raise NotImplementedError(message)


def _values(nodes: list[ast.expr], metrics: Mapping[str, float | None]) -> list[float] | None:
    """Return values side by side; None when no metric among them has any."""
    values = [_value(node, metrics) for node in nodes]
    measured = [value for node, value in zip(nodes, values, strict=True) if not isinstance(node, ast.Constant)]
    return None if set(measured) == {None} else [value or 0 for value in values]
