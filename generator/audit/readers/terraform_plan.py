"""The plan of Terraform as JSON (`terraform show -json`): exact values, with modules and counts done.

What a plan leaves open, as the id of what it will make, is found in its configuration: there an attribute
names resources, variables of its module and outputs of other modules, and is followed to the resource.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.audit.readers.terraform import linked, translated, without_index
from generator.audit.stack import Stack
from generator.audit.values import Reference, Unknown, Value, text

if TYPE_CHECKING:
    from generator.audit.stack import Resource

__all__ = ["deploy", "knows", "looks"]

_NOTHING = Value({})
_DEEPEST = 12
_LINKS = frozenset(
    {
        "cluster",
        "cluster_name",
        "endpoint_config_name",
        "function_name",
        "launch_configuration",
        "resource_id",
    }
    | {"launch_template.id", "launch_template.name", "task_definition"}
)
"""What is known already may still be another resource's, as the name of a cluster."""


def looks(name: str, content: bytes) -> bool:
    """Tell whether a file has planned values."""
    return name.endswith(".json") and b'"planned_values"' in content


def knows(name: str, document: Value) -> bool:  # noqa: ARG001
    """Tell whether a document is a plan."""
    return document.member("planned_values") is not None and document.member("format_version") is not None


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:  # noqa: ARG001
    """Return what a plan would make; its variables are done, so parameters change nothing."""
    modules = dict(_modules(_path(document, "configuration", "root_module"), None, ""))
    unknown = dict(_not_known(document))
    found: dict[str, Resource] = {}
    for resource in _resources(_path(document, "planned_values", "root_module")):
        kind, address = _word(resource, "type"), _word(resource, "address")
        if not kind.startswith("aws_") or _word(resource, "mode") == "data":
            continue
        base = without_index(address)
        prefix = base.removesuffix(f"{kind}.{_word(resource, 'name')}")
        configured = modules.get(prefix)
        said = configured.said(f"{kind}.{_word(resource, 'name')}") if configured else None
        attributes = _completed(
            resource.member("values") or _NOTHING, unknown.get(address, _NOTHING), said, configured
        )
        for made in translated(kind, address, attributes, file=file, line=resource.line):
            found[made.logical_id] = made
    return Stack(file=file, resources=linked(found))


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


@dataclass(frozen=True, slots=True)
class _Configured:
    """A module as the configuration of a plan has it.

    Attributes:
        arguments: What its caller gives it, as expressions of the caller.
        caller: The module that calls it; `None` for the root.
        prefix: Before the addresses of what it makes, without indexes.
    """

    module: Value
    arguments: Value
    caller: _Configured | None
    prefix: str

    def said(self, address: str) -> Value | None:
        """Return the expressions of a resource of the module; `None` where it has no such resource."""
        for resource in (self.module.member("resources") or Value([])).items():
            if _word(resource, "address") == address:
                return resource.member("expressions") or _NOTHING
        return None

    def referred(self, expression: Value, depth: int = _DEEPEST) -> Iterator[str]:
        """Yield the resources that an expression is made from, by address without index."""
        listed = (expression.member("references") or Value([])).items() if depth else ()
        names = [without_index(text(item.data)) for item in listed]
        for name in names:
            kind, _, rest = name.partition(".")
            first, _, more = rest.partition(".")
            if kind.startswith("aws_") and first:
                yield f"{self.prefix}{kind}.{first}"
            elif kind == "var" and self.caller is not None:
                yield from self.caller.referred(self.arguments.member(first) or _NOTHING, depth - 1)
            elif kind == "module" and more:
                call = _path(self.module, "module_calls", first)
                inner = _Configured(
                    _path(call, "module"), _path(call, "expressions"), self, f"{self.prefix}module.{first}."
                )
                written = _path(inner.module, "outputs", more.partition(".")[0], "expression")
                yield from inner.referred(written, depth - 1)


def _modules(module: Value, caller: _Configured | None, prefix: str) -> Iterator[tuple[str, _Configured]]:
    """Yield each module by its prefix, the root's being empty."""
    waiting = [_Configured(module, _NOTHING, caller, prefix)]
    while waiting:
        here = waiting.pop()
        yield here.prefix, here
        calls = _path(here.module, "module_calls").data
        if isinstance(calls, Mapping):
            for name, call in calls.items():
                below = f"{here.prefix}module.{name}."
                waiting.append(_Configured(_path(call, "module"), _path(call, "expressions"), here, below))


def _not_known(document: Value) -> Iterator[tuple[str, Value]]:
    for change in (document.member("resource_changes") or Value([])).items():
        yield _word(change, "address"), _path(change, "change", "after_unknown")


def _completed(
    value: Value, unknown: Value, said: Value | None, module: _Configured | None, name: str = ""
) -> Value:
    """Return a value with what is known only after the deployment: another resource's, or unknown.

    Args:
        value: As it is planned.
        unknown: What of it is not known yet, in the same shape.
        said: How the configuration writes it, in the same shape; `None` where nobody knows.
        module: Where it is written.
        name: The attribute that has it, with dots for what is in blocks.
    """
    if unknown.data is True or name in _LINKS:
        made_from = (
            tuple(dict.fromkeys(module.referred(said))) if module is not None and said is not None else ()
        )
        if unknown.data is True or made_from:
            return _open(made_from, value.line)
    if isinstance(value.data, Mapping):
        open_ones = {**_computed(value, said), **(unknown.data if isinstance(unknown.data, Mapping) else {})}
        names = [*value.data, *(key for key in open_ones if key not in value.data)]
        return Value(
            {
                key: _completed(
                    value.data.get(key, Value(None, value.line)),
                    open_ones.get(key, _NOTHING),
                    _said_of(said, key),
                    module,
                    f"{name}.{key}" if name else key,
                )
                for key in names
                if not _is_left_to_aws(said, key, open_ones)
            },
            value.line,
        )
    if isinstance(value.data, list):
        return Value(
            [
                _completed(item, _nth(unknown, index) or _NOTHING, _nth(said, index), module, name)
                for index, item in enumerate(value.data)
            ],
            value.line,
        )
    return value


def _computed(value: Value, said: Value | None) -> Mapping[str, Value]:
    """Return what is written as made from something and not planned: a plan leaves out what is open."""
    written = said.data if said is not None and isinstance(said.data, Mapping) else {}
    return {
        key: Value(data=True)
        for key, inner in written.items()
        if value.member(key) is None and inner.member("references") is not None
    }


def _said_of(said: Value | None, key: str) -> Value | None:
    """Return how an attribute is written; an expression stands for all that is in it."""
    return said if said is None or said.member("references") is not None else said.member(key)


def _is_left_to_aws(said: Value | None, key: str, unknown: Mapping[str, Value]) -> bool:
    """Tell whether a value is open because nobody wrote it: then it is what AWS takes by default."""
    is_open = key in unknown and unknown[key].data is True
    return is_open and said is not None and said.member("references") is None and said.member(key) is None


def _nth(value: Value | None, index: int) -> Value | None:
    """Return an element, and what stands for all elements where there are fewer, as in a repeated block."""
    if value is None or not isinstance(value.data, list):
        return value
    return value.data[min(index, len(value.data) - 1)] if value.data else None


def _open(made_from: tuple[str, ...], line: int) -> Value:
    if len(made_from) == 1:
        return Value(Reference(made_from[0]), line)
    return Value(Unknown("it is known after the deployment", made_from), line)
