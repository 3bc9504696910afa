"""Resolves the intrinsic functions of CloudFormation as far as the template and its parameters say.

A value that is not known before deployment stays `Unknown` with the reason; it never becomes zero or absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.audit.functions import computed, origins_of, same, typed
from generator.audit.values import (
    NO_VALUE,
    NoValue,
    Origin,
    Reference,
    Unknown,
    Value,
    references,
    text,
    walk,
)

if TYPE_CHECKING:
    from generator.audit.template import Template

__all__ = ["Resolver"]

_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")
_ASSUMED = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}


@dataclass(slots=True)
class Resolver:
    """Resolves the values of one template.

    Attributes:
        parameters: Values that the caller gives, by parameter.
        region: Taken for `AWS::Region`.
    """

    template: Template
    parameters: Mapping[str, str]
    region: str
    _conditions: dict[str, Value] = field(default_factory=dict)

    def resolve(self, value: Value) -> Value:
        """Return a value without intrinsic functions; members that are `AWS::NoValue` are gone."""
        data = value.data
        if isinstance(data, str):
            if "{{resolve:" in data:
                return Value(Unknown("it is read from a parameter store or secret at deployment"), value.line)
            return value
        if isinstance(data, Mapping):
            if len(data) == 1:
                [(function, argument)] = data.items()
                is_name = function in {"Ref", "Condition"} and isinstance(argument.data, str)
                if is_name or function[:4] == "Fn::":
                    return self._call(function, argument, value)
            members = {name: self.resolve(inner) for name, inner in data.items()}
            kept = {name: inner for name, inner in members.items() if not isinstance(inner.data, NoValue)}
            return Value(kept, value.line, value.origins)
        if isinstance(data, list):
            listed = [self.resolve(inner) for inner in data]
            return Value(
                [inner for inner in listed if not isinstance(inner.data, NoValue)], value.line, value.origins
            )
        return value

    def holds(self, name: str) -> Value:
        """Return whether a condition holds, as a value: true, false or unknown, with its origins."""
        if name in self._conditions:
            return self._conditions[name]
        declared = self.template.conditions.get(name)
        if declared is None:
            return Value(Unknown(f"the template has no condition {name}"))
        self._conditions[name] = Value(Unknown(f"condition {name} depends on itself"), declared.line)
        decided = self.resolve(declared)
        if text(decided.data) in {"true", "false"}:
            decided = Value(text(decided.data) == "true", decided.line, decided.origins)
        elif not isinstance(decided.data, Unknown):
            decided = Value(Unknown(f"condition {name} cannot be decided before deployment"), decided.line)
        self._conditions[name] = decided
        return decided

    def _call(self, function: str, argument: Value, whole: Value) -> Value:
        special = _SPECIAL.get(function)
        if special is not None:
            return special(self, argument, whole)
        known = self.resolve(argument)
        unknown = next((inner for inner in walk(known) if isinstance(inner.data, Unknown | Reference)), None)
        origins = origins_of(known)
        if unknown is None and (made := computed(function, known)) is not None:
            return Value(made.data, whole.line, (*origins, *made.origins))
        if function == "Fn::And" and any(item.data is False for item in known.items()):
            return Value(data=False, line=whole.line, origins=origins)
        if function == "Fn::Or" and any(item.data is True for item in known.items()):
            return Value(data=True, line=whole.line, origins=origins)
        named = tuple(references(known))
        if unknown is not None and isinstance(unknown.data, Unknown):
            return Value(Unknown(unknown.data.reason, named), whole.line)
        why = (
            f"it comes from {named[0]}, which the deployment makes"
            if named
            else f"{function} is computed at deployment"
        )
        return Value(Unknown(why, named), whole.line)

    def _reference(self, argument: Value, whole: Value) -> Value:
        name = text(argument.data)
        if name in self.template.parameters:
            return self._parameter(name, whole.line)
        if name in self.template.resources:
            return Value(Reference(name), whole.line)
        if name == "AWS::NoValue":
            return Value(NO_VALUE, whole.line)
        if name == "AWS::Region":
            return Value(self.region, whole.line, (Origin("assumed", f"region {self.region}"),))
        if name in _ASSUMED:
            return Value(_ASSUMED[name], whole.line)
        return Value(Unknown(f"{name} is known at deployment"), whole.line)

    def _parameter(self, name: str, line: int) -> Value:
        declared = self.template.parameters[name]
        kind = text(member.data) if (member := declared.member("Type")) else "String"
        if name in self.parameters:
            return Value(
                typed(self.parameters[name], kind, line),
                line,
                (Origin("given", f"parameter {name}, given"),),
            )
        if kind[:10] == "AWS::SSM::":
            return Value(Unknown(f"parameter {name} is read from the Parameter Store"), line)
        default = declared.member("Default")
        if default is None:
            return Value(Unknown(f"parameter {name} has no default"), line)
        shown = text(default.data)
        return Value(
            typed(shown, kind, line),
            line,
            (Origin("default", f"parameter {name}, default {shown or 'empty'}"),),
        )

    def _attribute(self, argument: Value, whole: Value) -> Value:
        parts = [text(item.data) for item in argument.items()]
        if len(parts) == 1:
            parts = parts[0].split(".", 1)
        return Value(Reference(parts[0] if parts else "", ".".join(parts[1:])), whole.line)

    def _condition(self, argument: Value, whole: Value) -> Value:
        decided = self.holds(text(argument.data))
        return Value(decided.data, whole.line, decided.origins)

    def _if(self, argument: Value, whole: Value) -> Value:
        parts = argument.items()
        if len(parts) != 3:  # noqa: PLR2004  condition, then, else
            return Value(Unknown("Fn::If takes a condition and two values"), whole.line)
        name = text(parts[0].data)
        decided = self.holds(name)
        if isinstance(decided.data, Unknown):
            one, other = self.resolve(parts[1]), self.resolve(parts[2])
            if one.data == other.data:
                return one
            named = (*references(one), *references(other))
            return Value(Unknown(f"condition {name} is not known: {decided.data.reason}", named), whole.line)
        chosen = self.resolve(parts[1 if decided.data else 2])
        said = Origin("condition", f"condition {name} is {text(decided.data)}")
        return Value(chosen.data, chosen.line, (*decided.origins, said, *chosen.origins))

    def _substitute(self, argument: Value, whole: Value) -> Value:
        parts = argument.items() if not isinstance(argument.data, str) else (argument,)
        template = text(parts[0].data) if parts else ""
        given = parts[1].data if len(parts) > 1 and isinstance(parts[1].data, Mapping) else {}
        found: dict[str, Value] = {}
        for name in _PLACEHOLDER.findall(template):
            if name in given:
                found[name] = self.resolve(given[name])
            elif "." in name:
                found[name] = self._attribute(Value(name), whole)
            else:
                found[name] = self._reference(Value(name), whole)
        values = Value(list(found.values()), whole.line)
        open_ends = [inner for inner in walk(values) if isinstance(inner.data, Unknown | Reference)]
        if open_ends:
            return Value(
                Unknown(f"{template} is completed at deployment", tuple(references(values))), whole.line
            )
        filled = _PLACEHOLDER.sub(lambda match: text(found[match[1]].data), template).replace("${!", "${")
        return Value(filled, whole.line, origins_of(values))

    def _find_in_map(self, argument: Value, whole: Value) -> Value:
        parts = [self.resolve(part) for part in argument.items()]
        rows = [self.template.mappings.get(text(parts[0].data))] if parts else []
        origins = origins_of(Value(parts))
        for part in parts[1:3]:
            rows = [found for row in rows for found in _rows(row, part)]
        found = rows[0] if rows else None
        # A key that nobody knows does not matter where every row says the same.
        if found is not None and all(row is not None and same(row, found) for row in rows):
            where = ".".join(text(part.data) for part in parts[:3])
            # Its line is that of the property; the table is named instead.
            return Value(found.data, whole.line, (*origins, Origin("mapping", f"mapping {where}")))
        if len(parts) > 3 and (default := parts[3].member("DefaultValue")) is not None:  # noqa: PLR2004
            return Value(default.data, whole.line, (*origins, *default.origins))
        return Value(Unknown("its key in the mapping is known at deployment"), whole.line)


def _rows(table: Value | None, key: Value) -> list[Value | None]:
    """Return what a table has under a key; all that it has when only the deployment knows the key."""
    if table is None or not isinstance(table.data, Mapping):
        return [None]
    if isinstance(key.data, Unknown | Reference):
        return list(table.data.values())
    return [table.data.get(text(key.data))]


_SPECIAL: Mapping[str, Callable[[Resolver, Value, Value], Value]] = {
    "Ref": Resolver._reference,  # noqa: SLF001  the same module
    "Condition": Resolver._condition,  # noqa: SLF001
    "Fn::GetAtt": Resolver._attribute,  # noqa: SLF001
    "Fn::If": Resolver._if,  # noqa: SLF001
    "Fn::Sub": Resolver._substitute,  # noqa: SLF001
    "Fn::FindInMap": Resolver._find_in_map,  # noqa: SLF001
}
