"""Variables of the Serverless Framework: `${self:custom.size}`, `${file(a.yml):b}`, `${opt:stage, 'dev'}`.

https://www.serverless.com/framework/docs/guides/variables

What only a deployment knows stays unknown, with its reason; nothing is run to find a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.audit.readers.serverless_text import alternatives_of, pieces_of
from generator.audit.values import DEEPEST, MOST_VALUES, Origin, Scalar, Unknown, Value, text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["filled_in"]

MOST_STEPS = 20
"""How often a variable may lead to another one."""
LONGEST = 50_000
"""Characters of a text that is filled in; no property of AWS is longer."""

_SOURCE = re.compile(r"(?P<name>[a-z][A-Za-z]*)(?:\((?P<argument>.*)\))?(?::(?P<address>.*))?", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_LITERALS: Mapping[str, Scalar] = {"true": True, "false": False, "null": None}
_USUAL_STAGE = "dev"


def filled_in(
    document: Value,
    beside: Callable[[str], Value | None],
    parameters: Mapping[str, str],
    region: str,
) -> Value:
    """Return a document in which each variable is its value, or unknown with its reason.

    Args:
        document: What `serverless.yml` says.
        beside: Reads YAML or JSON by its path from the document's folder; nothing where that cannot be.
        parameters: What the command line of the framework would be given, by name.
        region: Taken where a variable asks for the region.
    """
    return _Filling(document=document, beside=beside, parameters=parameters, region=region).value(document)


@dataclass(slots=True, kw_only=True)
class _Filling:
    document: Value
    beside: Callable[[str], Value | None]
    parameters: Mapping[str, str]
    region: str
    made: int = 0
    depth: int = 0
    asked: list[str] = field(default_factory=list)

    def value(self, written: Value) -> Value:
        """Return a value with everything in it filled in."""
        self.made += 1
        if self.made > MOST_VALUES:
            return Value(Unknown(f"variables make more than {MOST_VALUES:,} values of it"), written.line)
        if self.depth > DEEPEST:
            return Value(Unknown(f"variables nest it more than {DEEPEST} deep"), written.line)
        self.depth += 1
        made = self._of(written)
        self.depth -= 1
        return made

    def _of(self, written: Value) -> Value:
        data = written.data
        if isinstance(data, str):
            return self._string(data, written)
        if isinstance(data, Mapping):
            return Value({name: self.value(inner) for name, inner in data.items()}, written.line)
        if isinstance(data, Sequence):
            return Value([self.value(inner) for inner in written.items()], written.line)
        return written

    def _string(self, said: str, written: Value) -> Value:
        """Return a text whose variables are filled in; a variable alone may be of any kind."""
        pieces = list(pieces_of(said))
        if not any(is_variable for is_variable, _ in pieces):
            return written
        if len(pieces) == 1:
            return self._variable(pieces[0][1], written.line)
        filled: list[str] = []
        origins: tuple[Origin, ...] = ()
        length = 0
        for is_variable, piece in pieces:
            found = self._variable(piece, written.line) if is_variable else Value(piece)
            if not isinstance(found.data, str | int | float):
                return Value(found.data if isinstance(found.data, Unknown) else _unknown(said), written.line)
            filled.append(text(found.data))
            origins += found.origins
            length += len(filled[-1])
            self.made += len(filled[-1]) // 100
            if length > LONGEST:
                return Value(Unknown(f"it has more than {LONGEST:,} characters"), written.line)
        return Value("".join(filled), written.line, origins)

    def _variable(self, inner: str, line: int) -> Value:
        """Return what a variable is: the first of its alternatives that is there."""
        if inner in self.asked:
            return Value(Unknown(f"${{{inner}}} leads to itself"), line)
        if len(self.asked) >= MOST_STEPS:
            return Value(Unknown(f"variables lead to variables more than {MOST_STEPS} times"), line)
        self.asked.append(inner)
        found = self._first(inner, line)
        self.asked.pop()
        return found

    def _first(self, inner: str, line: int) -> Value:
        first, *others = alternatives = [alternative.strip() for alternative in alternatives_of(inner)]
        for alternative in alternatives:
            found = self._source(alternative, line)
            if found is None:
                continue
            if alternative is not first and not isinstance(found.data, Unknown):
                shown = text(found.data) if isinstance(found.data, str | int | float) else alternative
                return found.found_by(Origin("default", f"variable {first}, default {shown}"))
            return found
        if first.startswith("file("):
            return Value(Unknown(f"{first} is not in the repository"), line)
        return Value(Unknown(f"variable {first} has no {'value' if others else 'default'}"), line)

    def _source(self, alternative: str, line: int) -> Value | None:
        """Return what one alternative is; nothing where it is not given."""
        if alternative[:1] in {"'", '"'}:
            return Value(alternative[1:-1], line)
        if alternative in _LITERALS:
            return Value(_LITERALS[alternative], line)
        if _NUMBER.fullmatch(alternative):
            return Value(float(alternative) if "." in alternative else int(alternative), line)
        pieces = list(pieces_of(alternative))
        if len(pieces) == 1 and pieces[0][0]:
            return self._variable(pieces[0][1], line)
        whole = self._string(alternative, Value(alternative, line))
        found = _SOURCE.fullmatch(whole.data) if isinstance(whole.data, str) else None
        if found is None:
            return whole if isinstance(whole.data, Unknown) else Value(_unknown(alternative), line)
        return self._named(found["name"], found["argument"] or "", (found["address"] or "").strip(), line)

    def _named(self, name: str, argument: str, address: str, line: int) -> Value | None:  # noqa: PLR0911  one for each kind
        match name:
            case "self":
                return self._at(self.document, address, line, Origin("mapping", f"self:{address}"))
            case "file":
                return self._file(argument.strip(), address, line)
            case "opt" | "param":
                return self._given(name, address, line)
            case "env":
                # Only the deployment's own environment has it.
                return None
            case "sls" if address == "stage":
                return self._stage(line)
            case "aws" if address == "region":
                return Value(self.region, line, (Origin("assumed", f"region {self.region}"),))
        return Value(_unknown(f"{name}:{address}"), line)

    def _given(self, source: str, name: str, line: int) -> Value | None:
        if name in self.parameters:
            return Value(self.parameters[name], line, (Origin("given", f"parameter {name}, given"),))
        if source == "opt":
            return None
        for stage in (text(self._stage(line).data), "default"):
            found = self._at(
                self.document, f"params.{stage}.{name}", line, Origin("default", f"param {name}, of {stage}")
            )
            if found is not None:
                return found
        return None

    def _stage(self, line: int) -> Value:
        if "stage" in self.parameters:
            return Value(self.parameters["stage"], line, (Origin("given", "parameter stage, given"),))
        written = self._at(self.document, "provider.stage", line, Origin("default", "provider.stage"))
        return written or Value(_USUAL_STAGE, line, (Origin("default", f"stage {_USUAL_STAGE}"),))

    def _file(self, path: str, address: str, line: int) -> Value | None:
        if not path.endswith((".yml", ".yaml", ".json")):
            return Value(Unknown(f"only the framework reads {path}"), line)
        included = self.beside(path)
        if included is None:
            return None
        found = self._at(included, address, line, Origin("mapping", f"file {path}"))
        # A finding names one file and a line in it: the one that includes.
        return None if found is None else _moved(found, line)

    def _at(self, place: Value, address: str, line: int, origin: Origin) -> Value | None:
        """Return what is at a dotted address, filled in."""
        for step in filter(None, address.split(".")):
            if isinstance(place.data, str):
                place = self.value(place)
            if isinstance(place.data, Unknown):
                return Value(place.data, line)
            if isinstance(place.data, Sequence) and step.isdigit() and int(step) < len(place.items()):
                place = place.items()[int(step)]
                continue
            member = place.member(step)
            if member is None:
                return None
            place = member
        found = self.value(place)
        if isinstance(found.data, Mapping) or (
            isinstance(found.data, Sequence) and not isinstance(found.data, str)
        ):
            return found
        return Value(found.data, line, (*found.origins, origin))


def _moved(value: Value, line: int) -> Value:
    """Return a value all of which stands on one line."""
    data = value.data
    if isinstance(data, Mapping):
        return Value({name: _moved(inner, line) for name, inner in data.items()}, line, value.origins)
    if isinstance(data, Sequence) and not isinstance(data, str):
        return Value([_moved(inner, line) for inner in data], line, value.origins)
    return Value(data, line, value.origins)


def _unknown(said: str) -> Unknown:
    return Unknown(f"the framework fills in {said}")
