"""Manifests of AWS Copilot, which is read and never recommended: its support has ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.audit.stack import Resource, Stack
from generator.audit.values import NoValue, Origin, Reference, Value, number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["deploy", "knows", "looks"]

_MANIFEST = re.compile(r"(^|/)copilot/[^/]+/manifest\.ya?ml$")
_SERVICES = frozenset({"Load Balanced Web Service", "Backend Service", "Worker Service"})
_KINDS = _SERVICES | {"Scheduled Job", "Request-Driven Web Service", "Static Site"}


def looks(name: str, content: bytes) -> bool:
    """Tell whether a file lies where Copilot keeps its manifests."""
    return _MANIFEST.search(name) is not None and b"type:" in content


def knows(name: str, document: Value) -> bool:
    """Tell whether a document says which kind of workload it is."""
    kind = document.member("type")
    return _MANIFEST.search(name) is not None and kind is not None and kind.data in _KINDS


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:  # noqa: ARG001
    """Return what Copilot makes of a workload: a service, a load balancer, or a task."""
    kind, name = (text((document.member(key) or Value("")).data) for key in ("type", "name"))
    made: list[tuple[str, str, Mapping[str, Value]]] = []
    if kind in _SERVICES:
        made.append(("Service", "AWS::ECS::Service", _service(document)))
    if kind == "Load Balanced Web Service":
        made.append(("LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", {}))
    if kind == "Request-Driven Web Service":
        made.append(("Service", "AWS::AppRunner::Service", {}))
    if kind == "Scheduled Job" or kind in _SERVICES:
        made.append(("Task", "AWS::ECS::TaskDefinition", _compatible(document)))
    resources = {
        f"{name}{suffix}": Resource(
            logical_id=f"{name}{suffix}",
            type=resource_type,
            properties=Value(properties, document.line),
            file=file,
            line=document.line,
        )
        for suffix, resource_type, properties in made
    }
    return Stack(file=file, resources=resources)


def _service(document: Value) -> dict[str, Value]:
    count = document.member("count")
    lowest = (
        _lowest(count)
        if count is not None
        else Value(1, document.line, (Origin("absent", "count is not written"),))
    )
    task = Reference(f"{text((document.member('name') or Value('')).data)}Task")
    return {
        "LaunchType": Value("FARGATE", document.line),
        "DesiredCount": lowest,
        "TaskDefinition": Value(task, document.line),
    }


def _lowest(count: Value) -> Value:
    """Return how many tasks a count keeps at least: a number, a range as `1-10`, or a mapping with one."""
    limits = count.member("range") or count
    least = limits.member("min")
    if least is not None:
        return least
    if isinstance(limits.data, str) and "-" in limits.data:
        return Value(limits.data.partition("-")[0], limits.line)
    return (
        limits
        if number(limits) is not None
        else Value(1, count.line, (Origin("absent", "no range is written"),))
    )


def _compatible(document: Value) -> dict[str, Value]:
    found = {"RequiresCompatibilities": Value([Value("FARGATE")], document.line)}
    for key, name in (("cpu", "Cpu"), ("memory", "Memory")):
        member = document.member(key)
        if member is not None and not isinstance(member.data, NoValue):
            found[name] = member
    return found
