"""The plan of Terraform as JSON (`terraform show -json`): exact values, with modules and counts done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.audit.readers.terraform import translated
from generator.audit.stack import Stack
from generator.audit.values import Reference, Unknown, Value, text

if TYPE_CHECKING:
    from generator.audit.stack import Resource

__all__ = ["deploy", "knows", "looks"]

_INDEX = re.compile(r"\[[^\]]*\]")
_NOTHING = Value({})


def looks(name: str, content: bytes) -> bool:
    """Tell whether a file has planned values."""
    return name.endswith(".json") and b'"planned_values"' in content


def knows(name: str, document: Value) -> bool:  # noqa: ARG001
    """Tell whether a document is a plan."""
    return document.member("planned_values") is not None and document.member("format_version") is not None


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:  # noqa: ARG001
    """Return what a plan would make; its variables are done, so parameters change nothing."""
    planned = list(_resources(_path(document, "planned_values", "root_module")))
    expressions = dict(_expressions(_path(document, "configuration", "root_module"), ""))
    unknown = dict(_not_known(document))
    by_base: dict[str, str] = {}
    for resource in planned:
        by_base.setdefault(_INDEX.sub("", _word(resource, "address")), _word(resource, "address"))
    found: dict[str, Resource] = {}
    for resource in planned:
        kind, address = _word(resource, "type"), _word(resource, "address")
        if not kind.startswith("aws_") or _word(resource, "mode") == "data":
            continue
        named = expressions.get(_INDEX.sub("", address), {})
        attributes = _completed(
            resource.member("values") or _NOTHING, unknown.get(address, _NOTHING), named, by_base
        )
        made = translated(kind, address, attributes, file=file, line=resource.line)
        if made is not None:
            found[address] = made
    return Stack(file=file, resources=found)


def _path(value: Value, *steps: str) -> Value:
    for step in steps:
        value = value.member(step) or _NOTHING
    return value


def _word(value: Value, name: str) -> str:
    member = value.member(name)
    return text(member.data) if member is not None else ""


def _resources(module: Value) -> Iterator[Value]:
    for name in ("resources", "child_modules"):
        for item in (module.member(name) or Value([])).items():
            if name == "resources":
                yield item
            else:
                yield from _resources(item)


def _expressions(module: Value, prefix: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield, for each resource without its index, the address that each attribute refers to."""
    for resource in (module.member("resources") or Value([])).items():
        said = (resource.member("expressions") or _NOTHING).data
        named = (
            {name: _referred(value, prefix) for name, value in said.items()}
            if isinstance(said, Mapping)
            else {}
        )
        yield f"{prefix}{_word(resource, 'address')}", {name: where for name, where in named.items() if where}
    calls = (module.member("module_calls") or _NOTHING).data
    if isinstance(calls, Mapping):
        for name, call in calls.items():
            yield from _expressions(call.member("module") or _NOTHING, f"{prefix}module.{name}.")


def _referred(value: Value, prefix: str) -> str:
    listed = (value.member("references") or Value([])).items() if isinstance(value.data, Mapping) else ()
    for item in listed:
        parts = text(item.data).split(".")
        if parts[0].startswith("aws_") and len(parts) > 1:
            return f"{prefix}{parts[0]}.{_INDEX.sub('', parts[1])}"
    return ""


def _not_known(document: Value) -> Iterator[tuple[str, Value]]:
    for change in (document.member("resource_changes") or Value([])).items():
        yield _word(change, "address"), _path(change, "change", "after_unknown")


def _completed(values: Value, unknown: Value, named: Mapping[str, str], by_base: Mapping[str, str]) -> Value:
    """Return the attributes with what is known only after the deployment: another resource, or unknown."""
    declared = dict(values.data) if isinstance(values.data, Mapping) else {}
    open_ones = unknown.data if isinstance(unknown.data, Mapping) else {}
    for name, flag in open_ones.items():
        if flag.data is not True:
            continue
        where = by_base.get(named.get(name, ""))
        declared[name] = Value(
            Reference(where) if where else Unknown("it is known after the deployment"), values.line
        )
    for name, base in named.items():
        # A value that is known already may still be another resource's, as the name of a cluster.
        if name in {"cluster", "resource_id", "function_name", "cluster_name"} and base in by_base:
            declared[name] = Value(Reference(by_base[base]), values.line)
    return Value(declared, values.line)
