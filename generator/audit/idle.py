"""What a resource bills while nothing happens: the predicates and formulas of the price data, three-valued.

A value that nobody knows makes the answer unknown, never zero; nor is an amount that nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.audit.formulas import FormulaError, evaluate, variable_of
from generator.audit.values import (
    Reference,
    Unknown,
    Value,
    certainty_of,
    number,
    references,
    text,
    why_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.audit.stack import Resource, Stack
    from generator.audit.values import Certainty
    from generator.prices import IdleCost, Prices

__all__ = ["Cause", "Idle", "idle_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The property that decides.

    Attributes:
        path: Below the resource's properties.
        value: What it is; `None` when it is not written and the default of AWS counts.
        default: What AWS takes then.
    """

    path: str
    value: Value | None = None
    default: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What one resource does while nothing happens.

    Attributes:
        bills: Whether it bills; `None` when nobody can tell.
        usd_per_month: How much, and `None` when it bills and the amount is not known.
        why_unknown: Why nobody can tell whether, or how much.
        cause: The property that decides; `None` where its existence does.
    """

    bills: bool | None
    usd_per_month: float | None = 0.0
    why_unknown: str = ""
    cause: Cause | None = None
    certainty: Certainty = "certain"


@dataclass(frozen=True, slots=True)
class _Held:
    """Whether a clause holds; unknown has a reason."""

    holds: bool | None
    cause: Cause | None = None
    why: str = ""


def idle_of(resource: Resource, stack: Stack, prices: Prices) -> Idle:
    """Return what a resource bills while idle."""
    row = prices.idle.get(resource.type)
    if row is None:
        why = (
            "only its function knows what it makes"
            if _is_custom(resource.type)
            else "its type has no price here"
        )
        return Idle(bills=None, usd_per_month=None, why_unknown=why)
    if _is_governed(resource):
        return Idle(bills=False)
    if row.kind in {"none", "storage"}:
        return Idle(bills=False)
    held = _holds(row.when, resource, stack) if row.when else _Held(holds=True)
    if held.holds is False:
        return Idle(bills=False, cause=held.cause)
    if held.holds is None:
        return Idle(
            bills=None, usd_per_month=None, why_unknown=held.why, cause=held.cause, certainty="unknown"
        )
    usd, why, values = _amount(row, resource, stack, prices)
    certainty = certainty_of(held.cause.value if held.cause else None, *values)
    certainty = "at defaults" if certainty == "unknown" else certainty
    return Idle(
        bills=True,
        usd_per_month=usd,
        why_unknown=why,
        cause=held.cause,
        certainty="conditional" if resource.may_be_absent else certainty,
    )


def _is_custom(kind: str) -> bool:
    return kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"


def _is_governed(resource: Resource) -> bool:
    """Tell whether the cluster of a database instance decides: a serverless one bills and pauses with it."""
    instance_class = resource.properties.member("DBInstanceClass")
    return instance_class is not None and instance_class.data == "db.serverless"


def _holds(when: Mapping[str, Any], resource: Resource, stack: Stack) -> _Held:  # noqa: PLR0911  one for each kind of answer
    for combination, settles in (("any", True), ("all", False)):
        if combination in when:
            decided = [_holds(clause, resource, stack) for clause in when[combination]]
            settled = next((one for one in decided if one.holds is settles), None)
            unknown = next((one for one in decided if one.holds is None), None)
            return settled or unknown or decided[0]
    operation, wanted, path = when["op"], when.get("value"), when["path"]
    if operation == "used_by_service":
        return _Held(holds=True)
    if operation == "referenced_by":
        kind = str(wanted).partition(".")[0]
        return _Held(holds=bool(stack.users_of(resource.logical_id, (kind,))))
    found = stack.values(resource, path)
    if operation in {"exists", "missing"}:
        return _Held(
            holds=bool(found) is (operation == "exists"),
            cause=Cause(path=path, value=next(iter(found), None)),
        )
    if not found:
        if "default" not in when:
            return _Held(holds=operation in {"ne", "not_in"}, cause=Cause(path=path))
        default = when["default"]
        cause = Cause(path=path, default=default)
        return _Held(holds=_compare(operation, Value(default), wanted, stack).holds, cause=cause)
    answers = [(value, _compare(operation, value, wanted, stack)) for value in found]
    value, answer = min(answers, key=lambda pair: {True: 0, None: 1, False: 2}[pair[1].holds])
    return _Held(holds=answer.holds, cause=Cause(path=path, value=value), why=answer.why)


def _compare(operation: str, value: Value, wanted: object, stack: Stack) -> _Held:  # noqa: PLR0911  one for each kind of answer
    if operation == "resolves_to":
        named = [stack.resources[name].type for name in references(value) if name in stack.resources]
        if named:
            return _Held(holds=wanted in named)
        where = text(value.data) if isinstance(value.data, str) else ""
        service = str(wanted).split("::")[1].lower()
        return _Held(holds=f":{service}:" in where) if where else _Held(holds=None, why=why_unknown(value))
    if isinstance(value.data, Unknown | Reference):
        return _Held(holds=None, why=why_unknown(value))
    if operation in {"gt", "ge", "lt"}:
        amount = number(value)
        if amount is None:
            return _Held(holds=None, why=f"{text(value.data)!r} is no number")
        bound = float(str(wanted))
        return _Held(holds={"gt": amount > bound, "ge": amount >= bound, "lt": amount < bound}[operation])
    if operation in {"in", "not_in"}:
        listed = {text(item) for item in wanted} if isinstance(wanted, list | tuple) else {text(wanted)}
        return _Held(holds=(text(value.data) in listed) is (operation == "in"))
    return _Held(holds=(text(value.data) == text(wanted)) is (operation == "eq"))


def _amount(
    row: IdleCost, resource: Resource, stack: Stack, prices: Prices
) -> tuple[float | None, str, tuple[Value, ...]]:
    """Return the dollars a month, why they are not known, and the values that they rest on."""
    if not row.formula:
        return row.usd_per_month, "" if row.usd_per_month is not None else "the price data has no amount", ()
    values: dict[str, float | str] = {}
    used: list[Value] = []
    for name, variable in row.variables.items():
        value, rests_on = variable_of(variable, resource, stack)
        used.extend(rests_on)
        if isinstance(value, Unknown):
            return None, value.reason, tuple(used)
        values[name] = value
    try:
        return evaluate(row.formula, values, prices.hourly), "", tuple(used)
    except FormulaError as error:
        return None, str(error), tuple(used)
