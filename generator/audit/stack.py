"""What a repository would deploy, in one vocabulary: types and properties of CloudFormation.

Readers of other languages translate into it, so a rule and a price are written once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from generator.audit import sam
from generator.audit import template as templates
from generator.audit.intrinsics import Resolver
from generator.audit.values import Reference, Unknown, Value, references, text, why_unknown

__all__ = ["Resource", "Stack", "at_path", "deploy"]

_FOLLOWED = re.compile(r"ref\((?P<path>[^)]+)\)->(?P<type>[A-Za-z0-9:]+)\.(?P<rest>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource that would be deployed.

    Attributes:
        file: Path of the file that declares it, below the repository, with slashes.
        line: Where in the file; zero where the format has no lines.
        may_be_absent: Why nobody knows whether it is made at all; empty when it is.
    """

    logical_id: str
    type: str
    properties: Value
    file: str
    line: int
    may_be_absent: str = ""

    def __str__(self) -> str:
        """Return its name and type, for a person."""
        return f"{self.logical_id} ({self.type})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Everything that one deployment would make.

    Attributes:
        file: The template, below the repository.
        notes: What in it could not be judged, with its line.
    """

    file: str
    resources: Mapping[str, Resource]
    notes: tuple[tuple[int, str], ...] = ()
    _users: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of these types, in the order of the file."""
        return [resource for resource in self.resources.values() if resource.type in types]

    def users_of(self, logical_id: str, types: Iterable[str] = ()) -> list[Resource]:
        """Return the resources whose properties name a resource."""
        if not self._users:
            for user in self.resources.values():
                self._users[user.logical_id] = frozenset(references(user.properties))
        wanted = frozenset(types)
        return [
            user
            for user in self.resources.values()
            if logical_id in self._users[user.logical_id] and (not wanted or user.type in wanted)
        ]

    def values(self, resource: Resource, path: str) -> list[Value]:
        """Return every value at a path of the idle table.

        Dots go down, `[]` is any element, and `ref(a)->T.b` goes to another resource.
        """
        if followed := _FOLLOWED.fullmatch(path):
            found: list[Value] = []
            for value in at_path(resource.properties, followed["path"]):
                target = (
                    self.resources.get(value.data.logical_id) if isinstance(value.data, Reference) else None
                )
                if target is None:
                    found.append(
                        Value(
                            Unknown(f"{followed['path']} names what this template does not make"), value.line
                        )
                    )
                elif target.type == followed["type"]:
                    found.extend(at_path(target.properties, followed["rest"]))
            return found
        return list(at_path(resource.properties, path))


def at_path(value: Value, path: str) -> Iterator[Value]:
    """Yield every value at a dotted path; an unknown on the way is yielded in its place."""
    step, _, rest = path.partition(".")
    if isinstance(value.data, Unknown | Reference):
        yield Value(Unknown(why_unknown(value)), value.line, value.origins)
        return
    inner = value.member(step.removesuffix("[]"))
    if inner is None:
        return
    for item in inner.items() if step.endswith("[]") else (inner,):
        if rest:
            yield from at_path(item, rest)
        else:
            yield item


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:
    """Return what a template would make with these parameters."""
    template = templates.parse(document)
    resolver = Resolver(template=template, parameters=parameters, region=region)
    resources: dict[str, Resource] = {}
    notes: list[tuple[int, str]] = [
        (1, f"macro {name} changes the template at deployment") for name in template.macros
    ]
    for logical_id, declared in template.resources.items():
        made = _made(logical_id, declared, resolver, file)
        if isinstance(made, Resource):
            resources[logical_id] = made
            if made.type == "AWS::Serverless::Function":
                resources |= {mapping.logical_id: mapping for mapping in sam.event_source_mappings(made)}
        elif made:
            notes.append((declared.line, made))
    return Stack(file=file, resources=resources, notes=tuple(notes))


def _made(logical_id: str, declared: Value, resolver: Resolver, file: str) -> Resource | str:
    """Return a resource, why it cannot be judged, or nothing when its condition does not hold."""
    kind = declared.member("Type")
    if kind is None or not isinstance(kind.data, str):
        return f"{logical_id} has no type that can be read"
    why = ""
    condition = declared.member("Condition")
    if condition is not None:
        holds = resolver.holds(text(condition.data))
        if holds.data is False:
            return ""
        if isinstance(holds.data, Unknown):
            why = f"condition {text(condition.data)} is not known: {holds.data.reason}"
        elif any(origin.kind in {"default", "assumed"} for origin in holds.origins):
            why = f"it is made while condition {text(condition.data)} holds ({holds.origins[0].text})"
    properties = resolver.resolve(declared.member("Properties") or Value({}, declared.line))
    return Resource(
        logical_id=logical_id,
        type=kind.data,
        properties=properties if isinstance(properties.data, Mapping) else Value({}, declared.line),
        file=file,
        line=declared.line,
        may_be_absent=why,
    )
