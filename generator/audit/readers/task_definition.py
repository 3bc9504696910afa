"""A task definition of ECS as JSON, as pipelines keep it beside the code."""

from __future__ import annotations

from collections.abc import Mapping

from generator.audit.stack import Resource, Stack
from generator.audit.values import Value, text

__all__ = ["deploy", "knows", "looks"]

_PROPERTIES = {
    "cpu": "Cpu",
    "memory": "Memory",
    "requiresCompatibilities": "RequiresCompatibilities",
    "family": "Family",
}


def looks(name: str, content: bytes) -> bool:
    """Tell whether a file has container definitions."""
    return name.endswith(".json") and b'"containerDefinitions"' in content


def knows(name: str, document: Value) -> bool:  # noqa: ARG001
    """Tell whether a document is a task definition, itself or as AWS describes it."""
    inner = document.member("taskDefinition") or document
    return inner.member("containerDefinitions") is not None and inner.member("family") is not None


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:  # noqa: ARG001
    """Return the one task definition."""
    inner = document.member("taskDefinition") or document
    said = inner.data if isinstance(inner.data, Mapping) else {}
    properties = {name: said[key] for key, name in _PROPERTIES.items() if key in said}
    platform = inner.member("runtimePlatform")
    if platform is not None and (architecture := platform.member("cpuArchitecture")) is not None:
        properties["RuntimePlatform"] = Value({"CpuArchitecture": architecture}, platform.line)
    family = text(said["family"].data)
    made = Resource(
        logical_id=family,
        type="AWS::ECS::TaskDefinition",
        properties=Value(properties, inner.line),
        file=file,
        line=said["family"].line or inner.line,
    )
    return Stack(file=file, resources={family: made})
