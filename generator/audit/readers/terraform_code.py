"""Terraform as it is written, in HCL, where the extra `hcl` is installed: a module before it is planned.

Variables at their defaults, locals and references are followed; everything else that Terraform computes is
unknown, and modules are out of reach. The plan as JSON says more, and is preferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.audit.readers.terraform import translated
from generator.audit.stack import Resource, Stack
from generator.audit.values import Origin, Reference, Unknown, Value, number, text

__all__ = ["ENDING", "MARK", "deploy", "document_of", "knows", "looks"]

ENDING = ".tf"
MARK = "terraform_code"
MOST_CHARACTERS = 200_000
"""Its parser is written in Python, and takes some seconds for as much."""

_WHOLE = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"(var|local)\.([A-Za-z_][\w-]*)")
_RESOURCE = re.compile(r"(aws_\w+)\.([A-Za-z_][\w-]*)(?:\[[^\]]*\])?\.(\w+)")
_META = re.compile(r"__\w+__")
_HEAD = re.compile(r'^[ \t]*(?:resource[ \t]+"([^"]+)"|(module))[ \t]+"([^"]+)"', re.MULTILINE)


def looks(name: str, content: bytes) -> bool:  # noqa: ARG001  a folder is read at once, not a file
    """Tell that no single file is of this language: a module is a folder."""
    return False


def knows(name: str, document: Value) -> bool:  # noqa: ARG001
    """Tell whether a document is what `document_of` makes."""
    return document.member(MARK) is not None


def document_of(texts: Mapping[str, str]) -> Value:
    """Return the files of one folder, by their path, as one document.

    Raises:
        ImportError: The extra is not installed.
        ValueError: One of them is no HCL; the message says where.
    """
    import hcl2
    from hcl2.utils import SerializationOptions

    if sum(map(len, texts.values())) > MOST_CHARACTERS:
        raise ValueError(f"the module is longer than {MOST_CHARACTERS:,} characters")

    options = SerializationOptions(with_comments=False, strip_string_quotes=True)
    files: dict[str, Value] = {}
    for path, one in texts.items():
        try:
            read = hcl2.loads(f"{one}\n", serialization_options=options)
        except Exception as error:  # its parser has no base class of its own
            raise ValueError(f"{path}: {str(error).partition(chr(10))[0]}") from error
        files[path] = _value(read, 1, _lines(one))
    return Value({MARK: Value(files, 1)}, 1)


def _lines(written: str) -> Mapping[tuple[str, str], int]:
    """Return where each resource and module begins, by kind and name; the parser does not say."""
    return {
        (head[1] or head[2], head[3]): written.count("\n", 0, head.start(3)) + 1
        for head in _HEAD.finditer(written)
    }


def _value(data: object, line: int, lines: Mapping[tuple[str, str], int], above: str = "") -> Value:
    """Return parsed HCL as values; what stands in a resource stands on its first line."""
    if isinstance(data, dict):
        members = {str(name): inner for name, inner in data.items() if not _META.fullmatch(str(name))}
        return Value(
            {
                name: _value(inner, lines.get((above, name), line), lines, name)
                for name, inner in members.items()
            },
            line,
        )
    if isinstance(data, list):
        return Value([_value(inner, line, lines, above) for inner in data], line)
    return Value(data if isinstance(data, str | int | float | bool) else None, line)


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:  # noqa: ARG001
    """Return what the module would make with its variables at their defaults, or as given."""
    files = dict(_members(document.member(MARK) or Value({})))
    scope = _Scope(
        variables={name: value for one in files.values() for name, value in _named(one, "variable")},
        locals={
            name: value
            for one in files.values()
            for block in _blocks(one, "locals")
            for name, value in _members(block)
        },
        parameters=parameters,
    )
    found: dict[str, Resource] = {}
    notes: list[tuple[int, str]] = []
    for path, sections in files.items():
        for kind, of_kind in _named(sections, "resource"):
            for name, block in _members(of_kind) if kind.startswith("aws_") else ():
                made = _made(f"{kind}.{name}", kind, block, scope, path)
                found |= {made.logical_id: made} if made else {}
        notes += [
            (block.line, f"module {name} is out of reach: give the plan as JSON")
            for name, block in _named(sections, "module")
        ]
    return Stack(file=file, resources=found, notes=tuple(notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What names mean in a module."""

    variables: Mapping[str, Value]
    locals: Mapping[str, Value]
    parameters: Mapping[str, str]

    def resolve(self, value: Value, depth: int = 20) -> Value:  # noqa: PLR0911  one for each kind of value
        """Return a value with its references followed."""
        data = value.data
        if isinstance(data, Mapping):
            return Value({name: self.resolve(inner, depth) for name, inner in data.items()}, value.line)
        if isinstance(data, list):
            return Value([self.resolve(inner, depth) for inner in data], value.line)
        if not isinstance(data, str) or "${" not in data:
            return value
        if depth == 0:
            return Value(Unknown("it depends on itself"), value.line)
        whole = _WHOLE.fullmatch(data)
        if whole:
            return self._expression(whole[1].strip(), value.line, depth)
        parts = {found: self._expression(found.strip(), value.line, depth) for found in _WHOLE.findall(data)}
        unknown = any(isinstance(part.data, Unknown | Reference) for part in parts.values())
        if unknown or "${" in _WHOLE.sub("", data):
            return Value(Unknown("Terraform completes it when it plans"), value.line)
        return Value(_WHOLE.sub(lambda found: text(parts[found[1]].data), data), value.line)

    def _expression(self, written: str, line: int, depth: int) -> Value:
        if named := _NAME.fullmatch(written):
            kind, name = named.groups()
            return self._local(name, line, depth) if kind == "local" else self._variable(name, line, depth)
        if referred := _RESOURCE.fullmatch(written):
            return Value(Reference(f"{referred[1]}.{referred[2]}", referred[3]), line)
        return Value(Unknown("Terraform computes it when it plans"), line)

    def _local(self, name: str, line: int, depth: int) -> Value:
        if name not in self.locals:
            return Value(Unknown(f"local {name} is not declared"), line)
        return replace(self.resolve(self.locals[name], depth - 1), line=line)

    def _variable(self, name: str, line: int, depth: int) -> Value:
        if name in self.parameters:
            return Value(self.parameters[name], line, (Origin("given", f"variable {name}, given"),))
        declared = self.variables.get(name)
        default = declared.member("default") if declared is not None else None
        if default is None:
            return Value(Unknown(f"variable {name} has no default"), line)
        said = Origin("default", f"variable {name}, default {text(default.data)}")
        return replace(self.resolve(default, depth - 1), line=line).found_by(said)


def _made(address: str, kind: str, block: Value, scope: _Scope, file: str) -> Resource | None:
    attributes = scope.resolve(block)
    made = translated(kind, address, attributes, file=file, line=block.line)
    several = attributes.member("count") or attributes.member("for_each")
    if made is None or several is None:
        return made
    if number(several) == 0:
        return None
    known = (number(several) or 0) > 0
    return made if known else replace(made, may_be_absent="Terraform counts it when it plans")


def _blocks(sections: Value, name: str) -> Sequence[Value]:
    return (sections.member(name) or Value([])).items()


def _members(block: Value) -> Iterator[tuple[str, Value]]:
    yield from block.data.items() if isinstance(block.data, Mapping) else ()


def _named(sections: Value, name: str) -> Iterator[tuple[str, Value]]:
    for block in _blocks(sections, name):
        yield from _members(block)
