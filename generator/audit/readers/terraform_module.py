"""One module of Terraform as it is written: what its names mean, and the resources that it would make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.audit.readers.terraform import translated
from generator.audit.readers.terraform_blocks import (
    MOST_COPIES,
    counted,
    declared,
    folder_of,
    keys,
    members,
    named,
    shown,
)
from generator.audit.readers.terraform_expressions import template
from generator.audit.readers.terraform_types import completed
from generator.audit.readers.terraform_values import Budget, told
from generator.audit.values import Origin, Reference, Unknown, Value, text

if TYPE_CHECKING:
    from generator.audit.stack import Resource

__all__ = ["Module"]

DEEPEST = 20
COPY = 10
"""What one resource or module costs, in expressions."""

_META = frozenset({"dynamic", "lifecycle", "provisioner", "connection", "depends_on", "provider"})
_NOTHING: Mapping[str, Value] = {}

Files = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A module with what its caller gives it.

    Attributes:
        folder: Where its files are.
        files: Its parsed files by path.
        given: Variables that are given, as the caller writes them.
        own: What `each` and `count` are where the caller calls it.
        caller: The module that calls it; `None` for the root.
        folders: The parsed files of every module of the repository, by folder.
        prefix: Before the addresses of what it makes; empty for the root.
    """

    folder: str
    files: Files
    given: Mapping[str, Value]
    own: Mapping[str, Value] = field(default_factory=dict)
    caller: Module | None = None
    folders: Mapping[str, Files]
    prefix: str = ""
    budget: Budget = field(default_factory=Budget)
    _known: dict[str, Value] = field(default_factory=dict, init=False, repr=False, compare=False)

    def resources(self) -> Iterator[Resource]:
        """Yield what the module would make, with what its modules make."""
        for path, sections in self.files.items():
            for kind, of_kind in named(sections, "resource"):
                for name, block in members(of_kind) if kind.startswith("aws_") else ():
                    for one in block.items():
                        yield from self._made(kind, name, one, path)
            for name, block in named(sections, "module"):
                for module, absent in self._calls(name, block):
                    for resource in module.resources():
                        yield replace(resource, may_be_absent=resource.may_be_absent or absent)

    def unreached(self) -> Iterator[tuple[int, str]]:
        """Yield the modules that are called from elsewhere, with the line of the call."""
        for sections in self.files.values():
            for name, block in named(sections, "module"):
                if not self._reaches(block) and next(self._copies(block), None):
                    yield block.line, f"module {name} is out of reach: give the plan as JSON"
                for module, _ in self._calls(name, block):
                    for _, why in module.unreached():
                        yield block.line, why
        if self.caller is None and self.budget.left < 0:
            yield 1, "more is declared than is followed here: give the plan as JSON"

    def _made(self, kind: str, name: str, block: Value, path: str) -> Iterator[Resource]:
        for index, own, absent in self._copies(block):
            if self.budget.is_spent(COPY):
                return
            attributes = self.resolve(block, own)
            address = f"{self.prefix}{kind}.{name}{index}"
            for made in translated(kind, address, attributes, file=path, line=block.line):
                yield replace(made, may_be_absent=made.may_be_absent or absent)

    def _copies(self, block: Value) -> Iterator[tuple[str, Mapping[str, Value], str]]:
        """Yield the index, the own names, and why it may be absent, of each copy that a block makes."""
        wanted = next((found for name in ("count", "for_each") if (found := block.member(name))), None)
        if wanted is None:
            yield "", _NOTHING, ""
            return
        found = self.resolve(wanted)
        said = next((one.text for one in found.origins if one.kind == "default"), "")
        absent = f"Terraform counts it by what may be given otherwise ({said})" if said else ""
        listed = keys(found) if block.member("count") is None else counted(found)
        if listed is None or len(listed) > MOST_COPIES:
            yield "", _NOTHING, "Terraform counts it when it plans"
            return
        for key, value in listed:
            own = {"count.index": key} if block.member("count") else {"each.key": key, "each.value": value}
            yield f"[{shown(key)}]", own, absent

    def _reaches(self, block: Value) -> bool:
        folder = self._folder_of(block)
        return folder in self.folders and folder not in self._chain()

    def _chain(self) -> Iterator[str]:
        """Yield the folder of this module and of each that leads to it: no module calls itself."""
        here: Module | None = self
        while here is not None:
            yield here.folder
            here = here.caller

    def _folder_of(self, block: Value) -> str:
        return folder_of(text((block.member("source") or Value("")).data), self.folder)

    def _calls(self, name: str, block: Value) -> Iterator[tuple[Module, str]]:
        """Yield each copy of a module of the repository that is called, and why it may be absent."""
        for index, own, absent in self._copies(block) if self._reaches(block) else ():
            if self.budget.is_spent(COPY):
                return
            folder = self._folder_of(block)
            called_here = replace(
                self,
                folder=folder,
                files=self.folders[folder],
                given=dict(members(block)),
                own=own,
                caller=self,
                prefix=f"{self.prefix}module.{name}{index}.",
            )
            yield called_here, absent

    def resolve(self, value: Value, own: Mapping[str, Value] = _NOTHING, depth: int = DEEPEST) -> Value:
        """Return a value with its names followed.

        Args:
            value: As it is written.
            own: What `each`, `count` and the iterators of repeated blocks are here.
            depth: How many names deeper it may go.
        """
        data = value.data
        if isinstance(data, Mapping):
            made = {
                name: self.resolve(inner, own, depth) for name, inner in data.items() if name not in _META
            }
            return replace(value, data={**made, **self._repeated(value, own, depth)})
        if isinstance(data, list):
            return replace(value, data=[self.resolve(inner, own, depth) for inner in data])
        if not isinstance(data, str) or ("${" not in data and "%{" not in data):
            return value
        if depth <= 0:
            return Value(Unknown("it depends on itself"), value.line)
        return template(
            data, lambda parts: self._meaning(parts, own, value.line, depth - 1), value.line, self.budget
        )

    def _repeated(self, block: Value, own: Mapping[str, Value], depth: int) -> Mapping[str, Value]:
        """Return the nested blocks that a block makes by `dynamic`, by name."""
        found: dict[str, Value] = {}
        for name, dynamic in named(block, "dynamic"):
            wanted = self.resolve(dynamic.member("for_each") or Value(None), own, depth)
            listed = keys(wanted)
            content = dynamic.member("content") or Value([])
            if listed is None or not content.items():
                found[name] = Value(Unknown("Terraform repeats the block when it plans"), block.line)
                continue
            iterator = text((dynamic.member("iterator") or Value(name)).data).strip("${}")
            made = [
                self.resolve(
                    content.items()[0], {**own, f"{iterator}.key": key, f"{iterator}.value": value}, depth
                )
                for key, value in listed
            ]
            if made:
                found[name] = Value(made, block.line, wanted.origins)
        return found

    def _meaning(self, parts: Sequence[str], own: Mapping[str, Value], line: int, depth: int) -> Value | None:
        """Return what a dotted name means, once enough of it is there."""
        kind, name = parts[0], parts[1] if len(parts) > 1 else ""
        of_plan = Value(Unknown(f"only the plan knows {'.'.join(parts[:3])}"), line)
        found: Value | None = own.get(f"{kind}.{name}")
        if found is not None or not name:
            return found
        if kind in {"var", "local"}:
            key = f"{kind}.{name}"
            if key not in self._known:
                self._known[key] = (
                    self._variable(name, line, depth) if kind == "var" else self._local(name, depth)
                )
            found = self._known[key]
        elif kind in {"data", "module"} and len(parts) > 2:  # noqa: PLR2004  the third says what of it
            reached = kind == "module"
            found = self._output(name, parts[2], line, depth) if reached else of_plan
        elif kind in {"each", "count", "path", "self", "terraform"}:
            found = of_plan
        elif kind.startswith("aws_"):
            found = Value(Reference(f"{self.prefix}{kind}.{name}", ".".join(parts[2:])), line)
        return found

    def _local(self, name: str, depth: int) -> Value:
        for sections in self.files.values():
            for block in (sections.member("locals") or Value([])).items():
                if (written := block.member(name)) is not None:
                    return self.resolve(written, depth=depth)
        return Value(Unknown(f"local {name} is not declared"))

    def _variable(self, name: str, line: int, depth: int) -> Value:
        block = declared(self.files, "variable", name) or Value(None, line)
        if name in self.given:
            written = self.given[name]
            found = self.caller.resolve(written, self.own, depth) if self.caller else written
            is_left_out = found.data is None and text((block.member("nullable") or Value("")).data) == "false"
        else:
            found, is_left_out = Value(None), True
        default = block.member("default")
        if is_left_out and default is None:
            return Value(Unknown(f"variable {name} has no default"), line)
        if is_left_out and default is not None:
            plain = isinstance(default.data, str | int | float | bool)
            shown = (
                f"variable {name}, default {text(default.data)}" if plain else f"variable {name}, its default"
            )
            found = told(self.resolve(default, depth=depth), Origin("default", shown))
        kind = block.member("type")
        return completed(found, text(kind.data), self._literal) if kind is not None else found

    def _literal(self, written: str) -> Value:
        return template(f"${{{written}}}", lambda _: None, 0, self.budget)

    def _output(self, module: str, output: str, line: int, depth: int) -> Value:
        call = declared(self.files, "module", module)
        for child, _ in self._calls(module, call) if call is not None else ():
            block = declared(child.files, "output", output)
            written = block.member("value") if block is not None else None
            if written is not None:
                return child.resolve(written, depth=depth)
        return Value(Unknown(f"module {module} is out of reach"), line)
