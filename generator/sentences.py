"""Puts values into the sentences of the policy, and writes numbers with their units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.amounts import dollars

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["fill", "placeholders", "say"]

_WITHOUT_DECIMALS = 1000
"""From here on further decimals tell a reader nothing."""

_PLACEHOLDER = re.compile(r"\{([a-z0-9_.]+)\}")
_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_])_(?=[^\W\d_])")
"""What joins the words of a choice; `x86_64` is one word."""


def placeholders(sentence: str) -> list[str]:
    """Return the names in braces, in the order of the sentence."""
    return _PLACEHOLDER.findall(sentence)


def fill(sentence: str, word_for: Callable[[str], str | None]) -> str:
    """Replace each name in braces by its word; a name that has none yet stays as it is."""
    if "{" not in sentence:
        return sentence
    return _PLACEHOLDER.sub(lambda match: _word_or_itself(match, word_for), sentence)


def say(value: object, unit: str = "") -> str:
    """Write a value for a reader, with its unit: `10,240 MiB`, `$4.50`, `80%`, `yes`."""
    if isinstance(value, tuple | list):
        return ", ".join(say(item, unit) for item in value) or "none"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _amount(value, unit)
    words = {True: "yes", False: "no", None: "not answered"}
    return words[value] if value is None or isinstance(value, bool) else _BETWEEN_WORDS.sub(" ", str(value))


def _amount(value: float, unit: str) -> str:
    if unit == "USD":
        return dollars(value)
    if unit == "%":
        return f"{value * 100:.0f}%"
    return f"{_number(value)} {unit}".rstrip()


def _number(value: float) -> str:
    if isinstance(value, int) or value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= _WITHOUT_DECIMALS else f"{value:.4g}"


def _word_or_itself(match: re.Match[str], word_for: Callable[[str], str | None]) -> str:
    word = word_for(match[1])
    return match[0] if word is None else word
