"""The template as CloudFormation would deploy it: parameters filled in, conditions decided, intrinsics resolved.

What is known only at deployment stays `Unknown` with the reason, so that no test takes it for zero or absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ABSENT", "Reference", "Resource", "Stack", "Unknown", "deploy", "spelled"]

type Value = Any
"""A JSON value, in which `Unknown` and `Reference` stand for what is not one."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only the deployment knows.

    Attributes:
        reason: Why it is not known before.
        text: If it is a text, what is known of it, with `${Name}` where the deployment puts something in.
    """

    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that another resource of the template will have."""

    logical_id: str
    attribute: str = "Ref"


ABSENT = object()
"""What `AWS::NoValue` leaves behind: nothing."""

_PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::NoValue": ABSENT,
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}
_PLACEHOLDER = re.compile(r"\$\{([^!][^}]*)\}")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource that would be deployed."""

    logical_id: str
    type: str
    properties: Mapping[str, Value]
    attributes: Mapping[str, Value]

    def __str__(self) -> str:
        return f"{self.logical_id} ({self.type})"


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything that one deployment would make, and what it would tell of it."""

    resources: Mapping[str, Resource]
    outputs: Mapping[str, Value]

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of these types."""
        return [resource for resource in self.resources.values() if resource.type in types]


def deploy(template: Mapping[str, Value], parameters: Mapping[str, str]) -> Stack:
    """Resolve a CloudFormation template (after its transforms) with these parameters."""
    resolver = _Resolver(template, parameters)
    return Stack(dict(resolver.resources()), dict(resolver.outputs()))


def spelled(value: Value) -> str:
    """Return a value as text; what the deployment puts in is there by its name, as CloudFormation writes it."""
    if isinstance(value, Reference):
        name = value.logical_id if value.attribute == "Ref" else f"{value.logical_id}.{value.attribute}"
        return "${" + name + "}"
    return (value.text or "${?}") if isinstance(value, Unknown) else str(value)


class _Resolver:
    def __init__(self, template: Mapping[str, Value], parameters: Mapping[str, str]) -> None:
        self._template = template
        self._parameters = {
            name: self._parameter(name, declared, parameters)
            for name, declared in template.get("Parameters", {}).items()
        }

    def resources(self) -> Iterator[tuple[str, Resource]]:
        for logical_id, declared in self._template["Resources"].items():
            # A condition that cannot be decided may hold, so its resource is there.
            if "Condition" not in declared or self._condition(declared["Condition"]) is not False:
                properties = self._resolve(declared.get("Properties", {}))
                attributes = {key: value for key, value in declared.items() if key not in {"Type", "Properties"}}
                yield logical_id, Resource(logical_id, declared["Type"], properties, attributes)

    def outputs(self) -> Iterator[tuple[str, Value]]:
        for name, declared in self._template.get("Outputs", {}).items():
            yield name, self._resolve(declared["Value"])

    @staticmethod
    def _parameter(name: str, declared: Mapping[str, Value], given: Mapping[str, str]) -> Value:
        if declared["Type"].startswith("AWS::SSM::"):
            return Unknown(f"parameter {name} is read from the Parameter Store")
        value = given.get(name, declared.get("Default", ABSENT))
        if value is ABSENT:
            return Unknown(f"parameter {name} has neither a default nor a value in infra/app.py")
        if declared["Type"] == "Number":
            return float(value) if "." in str(value) else int(value)
        if declared["Type"] == "CommaDelimitedList" or declared["Type"].startswith("List<"):
            return [part.strip() for part in str(value).split(",")]
        return value

    def _condition(self, name: str) -> bool | Unknown:
        decided: bool | Unknown = self._resolve(self._template["Conditions"][name])
        return decided

    def _resolve(self, value: Value) -> Value:
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not ABSENT]
        if isinstance(value, str) and "{{resolve:" in value:
            return Unknown(f"{value} is read at deployment")
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function in {"Ref", "Condition"} or function.startswith("Fn::"):
                return self._call(function, argument)
        resolved = {key: self._resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not ABSENT}

    def _call(self, function: str, argument: Value) -> Value:
        match function:
            case "Ref":
                return self._reference(argument)
            case "Condition":
                return self._condition(argument)
            case "Fn::GetAtt":
                dotted = ".".join(argument) if isinstance(argument, list) else argument
                logical_id, _, attribute = dotted.partition(".")
                return Reference(logical_id, attribute)
            case "Fn::Sub":
                return self._substitute(argument)
            case "Fn::If":
                decided = self._condition(argument[0])
                return decided if isinstance(decided, Unknown) else self._resolve(argument[1 if decided else 2])
            case "Fn::Join":
                separator, parts = self._resolve(argument)
                return parts if isinstance(parts, Unknown) else _text(separator.join(map(spelled, parts)), parts)
        arguments = self._resolve(argument)
        missing = next(_unknowns(arguments), None)
        if missing is not None:
            return missing
        return self._compute(function, arguments)

    @staticmethod
    def _compute(function: str, arguments: Value) -> Value:
        match function, arguments:
            case "Fn::Equals", [left, right]:
                return str(left) == str(right)
            case "Fn::Not", [holds]:
                return not holds
            case "Fn::And", [*all_hold]:
                return all(all_hold)
            case "Fn::Or", [*one_holds]:
                return any(one_holds)
            case "Fn::Split", [separator, text]:
                return text.split(separator)
            case "Fn::Select", [index, [*items]] if int(index) < len(items):
                return items[int(index)]
        return Unknown(f"{function} is computed at deployment")

    def _reference(self, name: str) -> Value:
        if name in self._parameters:
            return self._parameters[name]
        if name in self._template["Resources"]:
            return Reference(name)
        return _PSEUDO_PARAMETERS.get(name, Unknown(f"{name} is not known before deployment"))

    def _substitute(self, argument: Value) -> Value:
        text, given = argument if isinstance(argument, list) else (argument, {})
        values: dict[str, Value] = {}
        for name in _PLACEHOLDER.findall(text):
            named = {"Fn::GetAtt": name} if "." in name else {"Ref": name}
            values[name] = self._resolve(given.get(name, named))
        return _text(_PLACEHOLDER.sub(lambda found: spelled(values[found[1]]), text), list(values.values()))


def _text(text: str, parts: list[Value]) -> str | Unknown:
    """Return a text that was put together, or what is known of it."""
    missing = next(_unknowns(parts), None)
    return text if missing is None else Unknown(f"{text}: {missing.reason}", text)


def _unknowns(value: Value) -> Iterator[Unknown]:
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Reference):
        yield Unknown(f"{value.logical_id} is made by the deployment")
    elif isinstance(value, list):
        for item in value:
            yield from _unknowns(item)
