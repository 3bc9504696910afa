"""The section Globals of SAM: what it says of every function, API or table counts for each of them."""

from __future__ import annotations

from collections.abc import Mapping

from generator.audit.values import Origin, Value, text

__all__ = ["API", "HTTP_API", "PREFIX", "common_to", "merged"]

PREFIX = "AWS::Serverless::"
API, HTTP_API = f"{PREFIX}Api", f"{PREFIX}HttpApi"

# SAM merges mappings member by member and joins lists, but for these.
_REPLACED = frozenset({"Function.Architectures", "CapacityProvider.InstanceRequirements.Architectures"})
_OWN_KEYS_ALONE = frozenset({"CapacityProvider.ManagedResourceTags"})


def merged(resources: Mapping[str, Value], sections: Mapping[str, Value]) -> dict[str, Value]:
    """Return the resources of a template, each with what Globals says of its kind."""
    return {logical_id: _merged_resource(resource, sections) for logical_id, resource in resources.items()}


def common_to(kind: str, sections: Mapping[str, Value]) -> Value | None:
    """Return what Globals says of every resource of a type; `None` when it says nothing."""
    section = kind.removeprefix(PREFIX)
    return _marked(sections[section]) if section != kind and section in sections else None


def _merged_resource(resource: Value, sections: Mapping[str, Value]) -> Value:
    kind = resource.member("Type")
    name = text(kind.data) if kind is not None else ""
    common = _not_ignored(common_to(name, sections), resource.member("IgnoreGlobals"))
    if common is None or not isinstance(resource.data, Mapping):
        return resource
    own = resource.data.get("Properties", Value({}, resource.line))
    properties = _merged(common, own, name.removeprefix(PREFIX))
    return Value({**resource.data, "Properties": properties}, resource.line)


def _not_ignored(common: Value | None, ignored: Value | None) -> Value | None:
    """Return what of Globals a resource does not opt out of: of all by "*", else of the named properties."""
    if common is None or ignored is None or not isinstance(common.data, Mapping):
        return common
    if ignored.data == "*":
        return None
    names = {text(item.data) for item in ignored.items()}
    return Value({name: value for name, value in common.data.items() if name not in names}, common.line)


def _marked(value: Value) -> Value:
    """Return a value of Globals that says so, all the way down."""
    if isinstance(value.data, Mapping):
        return Value({name: _marked(inner) for name, inner in value.data.items()}, value.line)
    return value.found_by(Origin("globals", "Globals"))


def _merged(common: Value, own: Value, path: str) -> Value:
    if isinstance(common.data, Mapping) and isinstance(own.data, Mapping):
        if _is_call(common) or _is_call(own):
            return own
        kept = common.data
        if path in _OWN_KEYS_ALONE and own.data:
            kept = {name: inner for name, inner in kept.items() if name in own.data}
        both = dict(kept)
        for name, inner in own.data.items():
            both[name] = _merged(both[name], inner, f"{path}.{name}") if name in both else inner
        return Value(both, own.line)
    if isinstance(common.data, list) and isinstance(own.data, list) and path not in _REPLACED:
        return Value([*common.data, *own.data], own.line)
    return own


def _is_call(value: Value) -> bool:
    """Tell whether a mapping is an intrinsic function, which SAM takes as it would a plain value."""
    data = value.data
    if not isinstance(data, Mapping) or len(data) != 1:
        return False
    [name] = data
    return name in {"Ref", "Condition"} or name.startswith("Fn::")
