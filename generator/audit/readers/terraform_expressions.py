"""Expressions of Terraform's language, as far as they can be known before a plan.

What cannot be computed here is unknown, with the resources that it is made from; it is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from generator.audit.readers import terraform_values as values
from generator.audit.values import Unknown, Value, text

__all__ = ["Names", "template"]

Names = Callable[[Sequence[str]], Value | None]
"""Returns what the longest known start of a dotted name means, or `None` where it means nothing."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_][\w-]*)
    |(?P<sign>\|\||&&|==|!=|<=|>=|=>|\.\.\.|[-+*/%!<>?:.,()\[\]{}=])
    |(?P<quote>"))""",
    re.VERBOSE,
)
_BINDING = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
DEEPEST = 60


class _UnreadableError(ValueError):
    """An expression is not of the part of the language that is read here."""


def template(written: str, names: Names, line: int) -> Value:
    """Return what a text with `${}` in it is: an expression alone keeps its kind, and else it is text."""
    reader = _Reader(written=written, names=names, line=line)
    try:
        parts = reader.parts()
    except (_UnreadableError, RecursionError):
        return values.unsettled(reader.seen, line, values.COMPLETED)
    whole = [part for part in parts if part.data != "" or part.origins]
    return values.moved(whole[0], line) if len(whole) == 1 else values.joined(parts, line)


@dataclass(slots=True)
class _Reader:
    """Reads one expression from left to right.

    Attributes:
        seen: What its names mean, for an expression that cannot be read as a whole.
    """

    written: str
    names: Names
    line: int
    place: int = 0
    depth: int = 0
    seen: list[Value] = field(default_factory=list)

    def peek(self) -> str:
        """Return the next sign, or what kind of thing comes next; empty at the end."""
        found = _TOKEN.match(self.written, self.place)
        if found is None:
            if self.written[self.place :].strip():
                self._give_up()
            return ""
        return found["sign"] or (found.lastgroup or "")

    def take(self, wanted: str = "") -> str:
        """Return the next token's text and go past it."""
        found = _TOKEN.match(self.written, self.place)
        if found is None or (wanted and found[0].strip() != wanted):
            self._give_up()
        self.place = found.end()
        return found[0].strip()

    def _give_up(self) -> NoReturn:
        """Leave an expression that is not read here, with every resource that the rest of it names."""
        for name in re.finditer(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+", self.written):
            meant = self.names(name[0].split("."))
            if meant is not None:
                self.seen.append(meant)
        raise _UnreadableError(self.written)

    def expression(self, binding: int) -> Value:
        self.depth += 1
        if self.depth > DEEPEST:
            self._give_up()
        left = self._operand()
        while (sign := self.peek()) in _BINDING and _BINDING[sign] > binding:
            self.take()
            left = values.operated(sign, left, self.expression(_BINDING[sign]), self.line)
        if binding == 0 and self.peek() == "?":
            self.take()
            yes = self.expression(0)
            self.take(":")
            left = values.chosen(left, yes, self.expression(0), self.line)
        self.depth -= 1
        return left

    def _operand(self) -> Value:  # noqa: PLR0911  one for each kind of operand
        kind = self.peek()
        if kind in {"!", "-"}:
            self.take()
            return values.negated(kind, self.expression(7), self.line)
        if kind == "number":
            written = self.take()
            return self._steps(Value(float(written) if "." in written else int(float(written)), self.line))
        if kind == "quote":
            return self._steps(self._quoted())
        if kind == "name":
            return self._named()
        if kind == "(":
            self.take()
            inner = self.expression(0)
            self.take(")")
            return self._steps(inner)
        if kind == "[":
            return self._steps(self._listed())
        if kind != "{":
            self._give_up()
        return self._steps(self._mapped())

    def _named(self) -> Value:
        parts = [self.take()]
        if self.peek() == "(":
            return self._steps(self._called(parts[0]))
        if parts[0] in _WORDS:
            return Value(_WORDS[parts[0]], self.line)
        while re.match(r"\s*\.\s*[A-Za-z_]", self.written[self.place :]) or self._is_indexed_module(parts):
            if self.take() == "[":
                self.expression(0)
                self.take("]")
                self.take(".")
            parts.append(self.take())
            if (meant := self.names(parts)) is not None:
                self.seen.append(meant)
                return self._steps(meant)
        if (meant := self.names(parts)) is not None:
            return self._steps(meant)
        return self._steps(Value(Unknown(values.WHY), self.line))

    def _is_indexed_module(self, parts: Sequence[str]) -> bool:
        return parts[0] == "module" and len(parts) == 2 and self.peek() == "["  # noqa: PLR2004  its word and name

    def _steps(self, value: Value) -> Value:
        """Return what the indexes and attributes behind an operand lead to."""
        while (kind := self.peek()) in {".", "["}:
            self.take()
            if kind == ".":
                word = self.take()
                value = values.member(
                    value, Value(int(word) if word.isdigit() else word, self.line), self.line
                )
            elif self.peek() == "*":
                self.take("*")
                self.take("]")
                value = values.member(value, Value("*", self.line), self.line)
            else:
                index = self.expression(0)
                self.take("]")
                value = values.member(value, index, self.line)
        return value

    def _called(self, name: str) -> Value:
        self.take("(")
        given: list[Value] = []
        while self.peek() != ")":
            given.append(self.expression(0))
            if self.peek() == "...":
                self._give_up()
            if self.peek() == ",":
                self.take()
        self.take(")")
        return values.called(name, given, self.line)

    def _listed(self) -> Value:
        self.take("[")
        if self.peek() == "name" and re.match(r"\s*for\s", self.written[self.place :]):
            self._give_up()
        found: list[Value] = []
        while self.peek() != "]":
            found.append(self.expression(0))
            if self.peek() == ",":
                self.take()
        self.take("]")
        return values.bounded(Value(found, self.line))

    def _mapped(self) -> Value:
        self.take("{")
        if self.peek() == "name" and re.match(r"\s*for\s", self.written[self.place :]):
            self._give_up()
        found: dict[str, Value] = {}
        while self.peek() != "}":
            bare = re.match(r"\s*([A-Za-z_][\w-]*)\s*[=:]", self.written[self.place :])
            key = Value(self.take()) if bare else self.expression(0)
            self.take("=" if self.peek() == "=" else ":")
            if not isinstance(key.data, str | int):
                self._give_up()
            found[text(key.data)] = self.expression(0)
            if self.peek() == ",":
                self.take()
        self.take("}")
        return values.bounded(Value(found, self.line))

    def _quoted(self) -> Value:
        self.take('"')
        return values.joined(self.parts('"'), self.line)

    def parts(self, end: str = "") -> list[Value]:
        """Return the pieces of a text up to its end, plain ones and what `${}` stands for."""
        parts: list[Value] = []
        plain = ""
        while not end or not self.written.startswith(end, self.place):
            rest = self.written[self.place : self.place + 3]
            if not rest or rest.startswith("%{"):
                if rest or end:
                    self._give_up()
                break
            if rest == "$${":
                plain, self.place = plain + "${", self.place + 3
            elif rest.startswith("${"):
                self.place += 2
                parts += [Value(plain), self.expression(0)]
                plain = ""
                self.take("}")
            elif rest[0] == "\\" and end:
                plain, self.place = plain + _ESCAPES.get(rest[1:2], rest[1:2]), self.place + 2
            else:
                plain, self.place = plain + rest[0], self.place + 1
        self.place += len(end)
        return [*parts, Value(plain)]
