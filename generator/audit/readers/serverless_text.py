"""How the Serverless Framework writes variables: where each ends in a text, and what its alternatives are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["alternatives_of", "pieces_of"]

_VARIABLE = re.compile(r"\s*[a-z][A-Za-z]*(\(|:(?!:))")
_BRACKET = re.compile(r"\$\{|\}")


def pieces_of(said: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a text, and whether each is the inside of a variable; `${AWS::Region}` is none.

    Of variables in each other it is the outermost.
    """
    begun: list[int | None] = []
    start = outer = 0
    for sign in _BRACKET.finditer(said):
        if sign[0] == "${":
            is_variable = _VARIABLE.match(said, sign.end()) is not None
            begun.append(sign.start() if is_variable else None)
            outer += is_variable
            continue
        begin = begun.pop() if begun else None
        if begin is None:
            continue
        outer -= 1
        if outer == 0:
            if begin > start:
                yield False, said[start:begin]
            yield True, said[begin + 2 : sign.start()]
            start = sign.end()
    if start < len(said):
        yield False, said[start:]


def alternatives_of(inner: str) -> Iterator[str]:
    """Yield what stands between the commas of a variable, outside of quotes, brackets and inner variables."""
    depth, quote, start = 0, "", 0
    for place, sign in enumerate(inner):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in {"'", '"'}:
            quote = sign
        elif sign in "({":
            depth += 1
        elif sign in ")}":
            depth -= 1
        elif sign == "," and depth == 0:
            yield inner[start:place]
            start = place + 1
    yield inner[start:]
