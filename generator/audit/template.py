"""A CloudFormation template as it is written: its sections, with loops unrolled and SAM's Globals merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.audit import sam, sam_globals
from generator.audit.values import Value, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Template", "is_template", "parse"]

LOOP = "Fn::ForEach::"
LONGEST_LOOP = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The sections that matter here, by logical id or name.

    Attributes:
        macros: Transforms that only AWS can run; what they add or change is out of reach.
    """

    parameters: Mapping[str, Value]
    mappings: Mapping[str, Value]
    conditions: Mapping[str, Value]
    resources: Mapping[str, Value]
    macros: tuple[str, ...]


def is_template(document: Value) -> bool:
    """Tell whether a document is a template: its resources have types of AWS or of a custom kind."""
    resources = document.member("Resources")
    if resources is None or not isinstance(resources.data, Mapping):
        return False
    kinds = [
        text(kind.data)
        for name, resource in resources.data.items()
        if not name.startswith(LOOP) and (kind := resource.member("Type")) is not None
    ]
    has_loops = any(name.startswith(LOOP) for name in resources.data)
    return (
        has_loops
        or any("::" in kind for kind in kinds)
        or document.member("AWSTemplateFormatVersion") is not None
    )


def parse(document: Value) -> Template:
    """Return the sections of a template."""
    transforms = [text(item.data) for item in (document.member("Transform") or Value(None)).items()]
    parameters = _section(document, "Parameters")
    resources = dict(_unrolled(_section(document, "Resources"), parameters))
    if any(name.startswith("AWS::Serverless") for name in transforms) or document.member("Globals"):
        common = _section(document, "Globals")
        resources = sam_globals.merged(resources, common)
        resources |= sam.implicit_apis(resources, common)
    known = ("AWS::Serverless", "AWS::LanguageExtensions", "AWS::SecretsManager", "AWS::CodeDeploy")
    return Template(
        parameters=parameters,
        mappings=_section(document, "Mappings"),
        conditions=dict(_unrolled(_section(document, "Conditions"), parameters)),
        resources=resources,
        macros=tuple(name for name in transforms if name and not name.startswith(known)),
    )


def _section(document: Value, name: str) -> Mapping[str, Value]:
    section = document.member(name)
    return section.data if section is not None and isinstance(section.data, Mapping) else {}


def _unrolled(members: Mapping[str, Value], parameters: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Yield members with `Fn::ForEach` done; a loop over what nobody knows here stays as it is."""
    for name, value in members.items():
        if not name.startswith(LOOP):
            yield name, value
            continue
        parts = value.items()
        if len(parts) != 3:  # noqa: PLR2004  identifier, collection, what is repeated
            continue
        variable, repeated = text(parts[0].data), parts[2]
        for element in _collection(parts[1], parameters)[:LONGEST_LOOP]:
            if isinstance(repeated.data, Mapping):
                filled = {
                    _fill_text(key, variable, element): _fill(inner, variable, element)
                    for key, inner in repeated.data.items()
                }
                yield from _unrolled(filled, parameters)


def _collection(value: Value, parameters: Mapping[str, Value]) -> Sequence[str]:
    named = value.member("Ref")
    if named is not None:
        declared = parameters.get(text(named.data))
        default = declared.member("Default") if declared else None
        return [part.strip() for part in text(default.data).split(",")] if default else []
    return [text(item.data) for item in value.items()]


def _fill_text(written: str, variable: str, element: str) -> str:
    plain = "".join(letter for letter in element if letter.isalnum())
    return written.replace(f"${{{variable}}}", element).replace(f"&{{{variable}}}", plain)


def _fill(value: Value, variable: str, element: str) -> Value:
    data = value.data
    if isinstance(data, str):
        return Value(_fill_text(data, variable, element), value.line)
    if isinstance(data, Mapping):
        if len(data) == 1 and (named := data.get("Ref")) is not None and named.data == variable:
            return Value(element, value.line)
        return Value(
            {_fill_text(k, variable, element): _fill(v, variable, element) for k, v in data.items()},
            value.line,
        )
    if isinstance(data, list):
        return Value([_fill(inner, variable, element) for inner in data], value.line)
    return value
