"""Types of Terraform's variables: what a value has that leaves out optional attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from generator.audit.readers.terraform_tokens import Tokens, UnreadableError
from generator.audit.values import Value

__all__ = ["completed"]

_Completion: TypeAlias = Callable[[Value], Value]
_CLOSING = {"(": ")", "{": "}", "[": "]"}


def completed(value: Value, written: str, literal: Callable[[str], Value]) -> Value:
    """Return a value with the attributes that its type makes optional: their default, else null.

    Args:
        value: As it is given.
        written: The type, as the variable has it.
        literal: Reads the default of an attribute.
    """
    tokens = Tokens(written.removeprefix("${").removesuffix("}") if written.startswith("${") else written)
    try:
        return _type(tokens, literal)(value)
    except (UnreadableError, RecursionError):
        return value


def _type(tokens: Tokens, literal: Callable[[str], Value]) -> _Completion:
    """Return what completes a value of the type that comes next."""
    kind = tokens.take()
    if kind == "object" and tokens.peek() == "(":
        return _object(tokens, literal)
    if tokens.peek() != "(":
        return lambda value: value
    tokens.take("(")
    if kind == "tuple":
        _skipped(tokens, ")")
        return lambda value: value
    inner = _type(tokens, literal)
    tokens.take(")")

    def each(value: Value) -> Value:
        if isinstance(value.data, Mapping):
            return replace(value, data={name: inner(one) for name, one in value.data.items()})
        return (
            replace(value, data=[inner(one) for one in value.data]) if isinstance(value.data, list) else value
        )

    return each


def _object(tokens: Tokens, literal: Callable[[str], Value]) -> _Completion:
    attributes: dict[str, _Completion] = {}
    defaults: dict[str, Value] = {}
    tokens.take("(")
    tokens.take("{")
    while tokens.peek() != "}":
        name = tokens.take()
        tokens.take()
        if tokens.follows(r"\s*optional\s*\("):
            tokens.take("optional")
            tokens.take("(")
            attributes[name] = _type(tokens, literal)
            defaults[name] = Value(None)
            if tokens.peek() == ",":
                tokens.take()
                defaults[name] = attributes[name](literal(_skipped(tokens, ")")))
            else:
                tokens.take(")")
        else:
            attributes[name] = _type(tokens, literal)
        if tokens.peek() == ",":
            tokens.take()
    tokens.take("}")
    tokens.take(")")

    def complete(value: Value) -> Value:
        if not isinstance(value.data, Mapping):
            return value
        given = {
            name: attributes[name](one) if name in attributes else one for name, one in value.data.items()
        }
        absent = {
            name: replace(default, line=value.line) for name, default in defaults.items() if name not in given
        }
        null = {name for name, one in given.items() if one.data is None and name in defaults}
        return replace(value, data={**given, **{name: defaults[name] for name in null}, **absent})

    return complete


def _skipped(tokens: Tokens, end: str) -> str:
    """Go past the bracket that closes, and return what stood before it."""
    start, open_ones = tokens.place, [end]
    while open_ones:
        kind = tokens.peek()
        if not kind:
            raise UnreadableError(tokens.written)
        before = tokens.place
        if kind == "quote":
            tokens.take()
            tokens.plain('"')
        else:
            sign = tokens.take()
            if sign in _CLOSING:
                open_ones.append(_CLOSING[sign])
            elif sign == open_ones[-1]:
                open_ones.pop()
    return tokens.written[start:before]
