"""The words and signs of Terraform's expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Tokens", "UnreadableError"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_][\w-]*)
    |(?P<sign>\|\||&&|==|!=|<=|>=|=>|\.\.\.|[-+*/%!<>?:.,()\[\]{}=])
    |(?P<quote>"))""",
    re.VERBOSE,
)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class UnreadableError(ValueError):
    """An expression is not of the part of the language that is read here."""


@dataclass(slots=True)
class Tokens:
    """Reads a text from left to right.

    Attributes:
        place: Where it goes on.
    """

    written: str
    place: int = 0

    def peek(self) -> str:
        """Return the next sign, or what kind of thing comes next; empty at the end.

        Raises:
            UnreadableError: Something else comes.
        """
        found = _TOKEN.match(self.written, self.place)
        if found is None:
            if self.written[self.place :].strip():
                raise UnreadableError(self.written)
            return ""
        return found["sign"] or (found.lastgroup or "")

    def take(self, wanted: str = "") -> str:
        """Return the next token's text and go past it.

        Raises:
            UnreadableError: There is none, or another one than is wanted.
        """
        found = _TOKEN.match(self.written, self.place)
        if found is None or (wanted and found[0].strip() != wanted):
            raise UnreadableError(self.written)
        self.place = found.end()
        return found[0].strip()

    def follows(self, pattern: str) -> bool:
        """Tell whether a pattern comes next."""
        return re.compile(pattern).match(self.written, self.place) is not None

    def plain(self, end: str) -> tuple[str, bool]:
        """Return plain text, and whether an expression comes after it; what ends it is gone past.

        Args:
            end: The sign that ends it; empty for the end of the text, where a backslash stands for itself.

        Raises:
            UnreadableError: It has no end, or a directive.
        """
        plain = ""
        while not end or not self.written.startswith(end, self.place):
            rest = self.written[self.place : self.place + 3]
            if rest.startswith("%{") or (end and not rest):
                raise UnreadableError(self.written)
            if not rest:
                break
            if rest.startswith("${"):
                self.place += 2
                return plain, True
            if rest == "$${":
                plain, self.place = f"{plain}${{", self.place + 3
            elif rest[0] == "\\" and end:
                plain, self.place = plain + _ESCAPES.get(rest[1:2], rest[1:2]), self.place + 2
            else:
                plain, self.place = plain + rest[0], self.place + 1
        self.place += len(end)
        return plain, False
