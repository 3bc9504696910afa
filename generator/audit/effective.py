"""What counts in the end: the minimum of auto scaling for a service, and no SnapStart where it is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.audit.values import Origin, Value, references, text

if TYPE_CHECKING:
    from generator.audit.stack import Resource, Stack

__all__ = ["effective"]

# Scalable dimension -> the type that is scaled, and the property whose place the minimum takes.
_DIMENSIONS = {"ecs:service:DesiredCount": ("AWS::ECS::Service", "DesiredCount")}
_NOTHING = Value({})


def effective(stack: Stack) -> Stack:
    """Return a stack as it is once it runs.

    CloudFormation sets the desired count of a service once; then scaling holds an idle one at its minimum.
    """
    resources = {name: _without_free_snapstart(resource) for name, resource in stack.resources.items()}
    for target in stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        dimension = target.properties.member("ScalableDimension") or _NOTHING
        kind, name = _DIMENSIONS.get(text(dimension.data), ("", ""))
        minimum = target.properties.member("MinCapacity")
        named = set(references(target.properties.member("ResourceId") or _NOTHING))
        scaled = [one for one in stack.of_type(kind) if one.logical_id in named or _is_named(one, target)]
        if minimum is not None and len(scaled) == 1:
            said = minimum.found_by(
                Origin("scaling", f"MinCapacity of {target.logical_id}, line {minimum.line}")
            )
            resources[scaled[0].logical_id] = _with(scaled[0], {name: said})
    return replace(stack, resources=resources)


def _is_named(service: Resource, target: Resource) -> bool:
    """Tell whether a scalable target names a service by its plain name."""
    name, resource = service.properties.member("ServiceName"), target.properties.member("ResourceId")
    if (
        name is None
        or resource is None
        or not isinstance(name.data, str)
        or not isinstance(resource.data, str)
    ):
        return False
    return resource.data.rpartition("/")[2] == name.data


def _without_free_snapstart(function: Resource) -> Resource:
    """Return a function of Java without SnapStart, which costs nothing there."""
    runtime = function.properties.member("Runtime")
    if runtime is None or not text(runtime.data).startswith("java"):
        return function
    return _with(function, {}, without="SnapStart") if function.properties.member("SnapStart") else function


def _with(resource: Resource, members: Mapping[str, Value], *, without: str = "") -> Resource:
    declared = resource.properties.data if isinstance(resource.properties.data, Mapping) else {}
    kept = {name: value for name, value in declared.items() if name != without}
    return replace(resource, properties=Value({**kept, **members}, resource.properties.line))
