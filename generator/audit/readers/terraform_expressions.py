"""Expressions of Terraform's language, as far as they can be known before a plan.

What cannot be computed here is unknown, with the resources that it is made from; it is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from generator.audit.readers import terraform_values as values
from generator.audit.readers.terraform_tokens import Tokens, UnreadableError
from generator.audit.values import Unknown, Value, text

__all__ = ["Names", "template"]

Names = Callable[[Sequence[str]], Value | None]
"""Returns what the longest known start of a dotted name means, or `None` where it means nothing."""

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
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_DOTTED = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")
DEEPEST = 60


def template(written: str, names: Names, line: int, budget: values.Budget | None = None) -> Value:
    """Return what a text with `${}` in it is: an expression alone keeps its kind, and else it is text.

    Args:
        written: The text.
        names: Says what a dotted name means.
        line: Where it stands.
        budget: What may be spent on it, together with others.
    """
    reader = _Reader(tokens=Tokens(written), names=names, line=line, budget=budget or values.Budget())
    try:
        parts = reader.parts()
    except (UnreadableError, RecursionError):
        meant = (names(name[0].split(".")) for name in _DOTTED.finditer(written))
        return values.unsettled([one for one in meant if one is not None], line, values.COMPLETED)
    whole = [part for part in parts if part.data != "" or part.origins]
    return values.moved(whole[0], line) if len(whole) == 1 else values.joined(parts, line)


@dataclass(slots=True)
class _Reader:
    """Reads one text by the grammar.

    Attributes:
        bound: What the names of a `for` stand for.
    """

    tokens: Tokens
    names: Names
    line: int
    budget: values.Budget
    depth: int = 0
    bound: dict[str, Value] = field(default_factory=dict)

    def expression(self, binding: int) -> Value:
        self.depth += 1
        if self.depth > DEEPEST or self.budget.is_spent():
            raise UnreadableError(self.tokens.written)
        left = self._operand()
        while (sign := self.tokens.peek()) in _BINDING and _BINDING[sign] > binding:
            self.tokens.take()
            left = values.operated(sign, left, self.expression(_BINDING[sign]), self.line)
        if binding == 0 and self.tokens.peek() == "?":
            self.tokens.take()
            yes = self.expression(0)
            self.tokens.take(":")
            left = values.chosen(left, yes, self.expression(0), self.line)
        self.depth -= 1
        return left

    def _operand(self) -> Value:  # noqa: PLR0911  one for each kind of operand
        kind = self.tokens.peek()
        if kind in {"!", "-"}:
            self.tokens.take()
            return values.negated(kind, self.expression(7), self.line)
        if kind == "number":
            written = self.tokens.take()
            return self._steps(Value(float(written) if "." in written else int(float(written)), self.line))
        if kind == "quote":
            return self._steps(self._quoted())
        if kind == "name":
            return self._named()
        if kind == "(":
            self.tokens.take()
            inner = self.expression(0)
            self.tokens.take(")")
            return self._steps(inner)
        if kind == "[":
            return self._steps(self._listed())
        if kind != "{":
            raise UnreadableError(self.tokens.written)
        return self._steps(self._mapped())

    def _named(self) -> Value:
        parts = [self.tokens.take()]
        if parts[0] in self.bound:
            return self._steps(self.bound[parts[0]])
        if self.tokens.peek() == "(":
            return self._steps(self._called(parts[0]))
        if parts[0] in _WORDS:
            return Value(_WORDS[parts[0]], self.line)
        while self.tokens.follows(r"\s*\.\s*[A-Za-z_]") or self._is_indexed_module(parts):
            if self.tokens.take() == "[":
                self.expression(0)
                self.tokens.take("]")
                self.tokens.take(".")
            parts.append(self.tokens.take())
            if (meant := self.names(parts)) is not None:
                return self._steps(meant)
        if (meant := self.names(parts)) is not None:
            return self._steps(meant)
        return self._steps(Value(Unknown(values.WHY), self.line))

    def _is_indexed_module(self, parts: Sequence[str]) -> bool:
        return parts[0] == "module" and len(parts) == 2 and self.tokens.peek() == "["  # noqa: PLR2004  its word and name

    def _steps(self, value: Value) -> Value:
        """Return what the indexes and attributes behind an operand lead to."""
        while (kind := self.tokens.peek()) in {".", "["}:
            self.tokens.take()
            if kind == ".":
                word = self.tokens.take()
                value = values.member(
                    value, Value(int(word) if word.isdigit() else word, self.line), self.line
                )
            elif self.tokens.peek() == "*":
                self.tokens.take("*")
                self.tokens.take("]")
                value = values.member(value, Value("*", self.line), self.line)
            else:
                index = self.expression(0)
                self.tokens.take("]")
                value = values.member(value, index, self.line)
        return value

    def _called(self, name: str) -> Value:
        self.tokens.take("(")
        given: list[Value] = []
        while self.tokens.peek() != ")":
            given.append(self.expression(0))
            if self.tokens.peek() == "...":
                raise UnreadableError(self.tokens.written)
            if self.tokens.peek() == ",":
                self.tokens.take()
        self.tokens.take(")")
        return values.called(name, given, self.line)

    def _listed(self) -> Value:
        self.tokens.take("[")
        if self.tokens.follows(r"\s*for\s"):
            return self._repeated("]")
        found: list[Value] = []
        while self.tokens.peek() != "]":
            found.append(self.expression(0))
            if self.tokens.peek() == ",":
                self.tokens.take()
        self.tokens.take("]")
        return values.bounded(Value(found, self.line))

    def _mapped(self) -> Value:
        self.tokens.take("{")
        if self.tokens.follows(r"\s*for\s"):
            return self._repeated("}")
        found: dict[str, Value] = {}
        while self.tokens.peek() != "}":
            bare = self.tokens.follows(r"\s*[A-Za-z_][\w-]*\s*[=:]")
            key = Value(self.tokens.take()) if bare else self.expression(0)
            self.tokens.take("=" if self.tokens.peek() == "=" else ":")
            if not isinstance(key.data, str | int):
                raise UnreadableError(self.tokens.written)
            found[text(key.data)] = self.expression(0)
            if self.tokens.peek() == ",":
                self.tokens.take()
        self.tokens.take("}")
        return values.bounded(Value(found, self.line))

    def _repeated(self, end: str) -> Value:
        """Return what a `for` makes, up to its closing bracket."""
        self.tokens.take("for")
        names = [self.tokens.take()]
        if self.tokens.peek() == ",":
            self.tokens.take()
            names.append(self.tokens.take())
        self.tokens.take("in")
        over = self.expression(0)
        self.tokens.take(":")
        start, outer = self.tokens.place, self.bound
        pairs = values.pairs(over)
        unknown = (Value(Unknown(values.WHY)), Value(Unknown(values.WHY)))
        made: list[tuple[Value, Value, Value]] = []
        for key, value in pairs or [unknown]:
            self.tokens.place = start
            self.bound = {**outer, **dict(zip(names, (key, value)[-len(names) :], strict=True))}
            made.append(self._round(end))
        self.bound = outer
        self.tokens.take(end)
        if pairs is None:
            return values.unsettled([over, *(part for one in made for part in one)], self.line)
        return values.gathered(made if pairs else [], self.line, is_list=end == "]")

    def _round(self, end: str) -> tuple[Value, Value, Value]:
        """Return the condition, the key and the value of one round of a `for`."""
        key = Value(None)
        value = self.expression(0)
        if end == "}":
            self.tokens.take("=>")
            key, value = value, self.expression(0)
        if self.tokens.peek() == "...":
            raise UnreadableError(self.tokens.written)
        condition = Value(data=True)
        if self.tokens.follows(r"\s*if\b"):
            self.tokens.take("if")
            condition = self.expression(0)
        return condition, key, value

    def _quoted(self) -> Value:
        self.tokens.take('"')
        return values.joined(self.parts('"'), self.line)

    def parts(self, end: str = "") -> list[Value]:
        """Return the pieces of a text up to its end, plain ones and what `${}` stands for."""
        parts: list[Value] = []
        while True:
            plain, is_open = self.tokens.plain(end)
            parts.append(Value(plain))
            if not is_open:
                return parts
            parts.append(self.expression(0))
            self.tokens.take("}")
