"""Terraform's AWS resources in the words of CloudFormation; `terraform.toml` is the dictionary."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.audit.stack import Resource
from generator.audit.values import Origin, Value, text

__all__ = ["translated"]


@functools.cache
def _dictionary() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("terraform.toml").read_text(encoding="utf-8"))


def translated(kind: str, address: str, attributes: Value, *, file: str, line: int) -> Resource | None:
    """Return a resource in the words of CloudFormation; `None` for one that never bills while idle.

    Args:
        kind: The provider's type, as `aws_ecs_service`.
        address: Its address, which names it from here on.
        attributes: What is known of it; nested blocks are lists of mappings.
        file: Where it is declared.
        line: Likewise.
    """
    if kind in _dictionary()["free"]["types"]:
        return None
    row = _dictionary().get(kind)
    if row is None:
        return Resource(logical_id=address, type=kind, properties=Value({}, line), file=file, line=line)
    properties: dict[str, Any] = {}
    for attribute, path in row["attributes"].items():
        found = _at(attributes, attribute)
        name = path.rpartition(".")[2]
        if found is None and name in row.get("absent", {}):
            said = Origin("absent", f"{attribute} is not written, and Terraform takes {row['absent'][name]}")
            found = Value(row["absent"][name], line, (said,))
        if found is not None:
            words = row.get("values", {}).get(name, {})
            if isinstance(found.data, str | bool) and text(found.data) in words:
                found = Value(words[text(found.data)], found.line, found.origins)
            _put(properties, path, _renamed(found, row.get("members", {})))
    return Resource(
        logical_id=address, type=row["type"], properties=_frozen(properties, line), file=file, line=line
    )


def _at(value: Value, path: str) -> Value | None:
    """Return what is at a dotted path; a block is a list of one mapping."""
    for step in path.split("."):
        inner: Value | None = value.items()[0] if isinstance(value.data, list) and value.data else value
        inner = inner.member(step) if inner is not None else None
        if inner is None or inner.data is None or inner.data == []:
            return None
        value = inner
    return value


def _renamed(value: Value, members: Mapping[str, str]) -> Value:
    if not members or not isinstance(value.data, list):
        return value
    listed = [
        Value({members.get(name, name): inner for name, inner in item.data.items()}, item.line)
        if isinstance(item.data, Mapping)
        else item
        for item in value.data
    ]
    return Value(listed, value.line, value.origins)


def _put(properties: dict[str, Any], path: str, value: Value) -> None:
    *folders, name = path.split(".")
    for folder in folders:
        properties = properties.setdefault(folder, {})
    properties[name] = value


def _frozen(properties: dict[str, Any], line: int) -> Value:
    made: dict[str, Value] = {}
    for name, inner in properties.items():
        value = inner if isinstance(inner, Value) else _frozen(inner, line)
        made[name.removesuffix("[]")] = Value([value], line) if name.endswith("[]") else value
    return Value(made, line)
