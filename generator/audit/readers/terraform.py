"""Terraform's AWS resources in the words of CloudFormation; `terraform.toml` is the dictionary."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.audit.stack import Resource
from generator.audit.values import Origin, Reference, Unknown, Value, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["dictionary", "linked", "translated", "without_index"]

_NOTHING: Mapping[str, Any] = {}
_INDEX = re.compile(r"\[[^\]]*\]")


@functools.cache
def dictionary() -> Mapping[str, Any]:
    """Return what the provider's types are in CloudFormation, as `terraform.toml` says."""
    return tomllib.loads(Path(__file__).with_name("terraform.toml").read_text(encoding="utf-8"))


def translated(kind: str, address: str, attributes: Value, *, file: str, line: int) -> Iterator[Resource]:
    """Yield a resource in the words of CloudFormation, and what it makes beside itself.

    One that never bills while idle is left out.

    Args:
        kind: The provider's type, as `aws_ecs_service`.
        address: Its address, which names it from here on.
        attributes: What is known of it; nested blocks are lists of mappings.
        file: Where it is declared.
        line: Likewise.
    """
    if kind in dictionary()["free"]["types"]:
        return
    row = dictionary().get(kind, {"type": kind})
    chosen = _at(attributes, row["by"]) if "by" in row else None
    name = row["types"].get(text(chosen.data), row["type"]) if chosen is not None else row["type"]
    properties = _properties(row, attributes, line)
    yield Resource(logical_id=address, type=name, properties=_frozen(properties, line), file=file, line=line)
    for part in row.get("also", ()):
        found = _at(attributes, part["attribute"])
        if found is None or found.data is False:
            continue
        owned = {part["owner"]: Value(Reference(address), line), **_properties(part, attributes, line)}
        yield Resource(
            logical_id=f"{address}.{part['attribute']}",
            type=part["type"],
            properties=_frozen(owned, line),
            file=file,
            line=line,
            may_be_absent="Terraform decides when it plans" if isinstance(found.data, Unknown) else "",
        )


def _properties(row: Mapping[str, Any], attributes: Value, line: int) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for attribute, path in row.get("attributes", _NOTHING).items():
        found = _at(attributes, attribute)
        name = path.rpartition(".")[2]
        if found is None and name in row.get("absent", _NOTHING):
            said = Origin("absent", f"{attribute} is not written, and Terraform takes {row['absent'][name]}")
            found = Value(row["absent"][name], line, (said,))
        if found is None:
            continue
        words = row.get("values", _NOTHING).get(name, _NOTHING)
        if isinstance(found.data, str | bool) and text(found.data) in words:
            found = Value(words[text(found.data)], found.line, found.origins)
        if found.data != "":
            _put(properties, path, _renamed(found, row.get("members", _NOTHING)))
    return properties


def _at(value: Value, path: str) -> Value | None:
    """Return what is at a dotted path; a block is a list of one mapping, and an unknown one hides its own."""
    for step in path.split("."):
        inner: Value | None = value.items()[0] if isinstance(value.data, list) and value.data else value
        if inner is not None and isinstance(inner.data, Unknown):
            return inner
        inner = inner.member(step) if inner is not None else None
        if inner is None or inner.data is None or inner.data == []:
            return None
        value = inner
    return value


def _renamed(value: Value, members: Mapping[str, str]) -> Value:
    if not members or not isinstance(value.data, list):
        return value
    listed = [
        Value(
            {members.get(name, name): inner for name, inner in item.data.items() if _is_written(inner)},
            item.line,
        )
        if isinstance(item.data, Mapping)
        else item
        for item in value.data
    ]
    return Value(listed, value.line, value.origins)


def _is_written(value: Value) -> bool:
    """Tell whether an attribute is there: the plan has every one, as null, as nothing or as no blocks."""
    return value.data is not None and value.data not in ("", [])


def _put(properties: dict[str, Any], path: str, value: Value) -> None:
    *folders, name = path.split(".")
    for folder in folders:
        properties = properties.setdefault(folder, {})
    properties[name] = value


def _frozen(properties: Mapping[str, Any], line: int) -> Value:
    made: dict[str, Value] = {}
    for name, inner in properties.items():
        value = inner if isinstance(inner, Value) else _frozen(inner, line)
        made[name.removesuffix("[]")] = Value([value], line) if name.endswith("[]") else value
    return Value(made, line)


def without_index(address: str) -> str:
    """Return an address without its indexes: one for all copies of a resource."""
    return _INDEX.sub("", address)


def linked(resources: Mapping[str, Resource]) -> dict[str, Resource]:
    """Return resources whose references name one that is there.

    A reference names a resource without its index; it means the copy with the same index where there is one,
    and else the first.
    """
    copies: dict[str, list[str]] = {}
    for address in resources:
        copies.setdefault(without_index(address), []).append(address)

    def address_of(name: str, index: Sequence[str]) -> str:
        found = copies.get(without_index(name), ())
        return next((one for one in found if _INDEX.findall(one) == index), found[0] if found else name)

    def moved(value: Value, index: Sequence[str]) -> Value:
        data = value.data
        if isinstance(data, Mapping):
            return replace(value, data={name: moved(inner, index) for name, inner in data.items()})
        if isinstance(data, list):
            return replace(value, data=[moved(inner, index) for inner in data])
        if isinstance(data, Reference):
            return replace(value, data=replace(data, logical_id=address_of(data.logical_id, index)))
        if isinstance(data, Unknown) and data.references:
            meant = tuple(address_of(name, index) for name in data.references)
            return replace(value, data=replace(data, references=meant))
        return value

    return {
        address: replace(one, properties=moved(one.properties, _INDEX.findall(address)))
        for address, one in resources.items()
    }
