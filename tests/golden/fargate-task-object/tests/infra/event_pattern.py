"""Whether an EventBridge pattern matches an event: as much of the language as the rules here use, and no more."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["matches"]


def matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    """Tell whether EventBridge would pass the event on.

    Raises:
        ValueError: The pattern says something that is not known here.
    """
    return all(_key_matches(key, wanted, event) for key, wanted in pattern.items())


def _key_matches(key: str, wanted: Any, event: dict[str, Any]) -> bool:
    if key == "$or":
        return any(matches(choice, event) for choice in wanted)
    value = event.get(key)
    if isinstance(wanted, dict):
        # EventBridge looks through lists: one of their items has to match.
        items = value if isinstance(value, list) else [value]
        return any(isinstance(item, dict) and matches(wanted, item) for item in items)
    return any(_matches(condition, value, is_there=key in event) for condition in wanted)


def _matches(condition: Any, value: Any, *, is_there: bool) -> bool:
    match condition:
        case {"exists": exists}:
            return bool(exists) is is_there
        case {"wildcard": text}:
            return isinstance(value, str) and _matches_wildcard(text, value)
        case {"anything-but": {"wildcard": texts}}:
            return isinstance(value, str) and not any(_matches_wildcard(text, value) for text in texts)
        case {"numeric": [">", bound]}:
            return _is_number(value) and bool(value > bound)
        case {"numeric": ["<=", bound]}:
            return _is_number(value) and bool(value <= bound)
        case {"anything-but": {"prefix": prefix}}:
            return is_there and not str(value).startswith(prefix)
        case {"anything-but": [*others]}:
            return is_there and value not in others
        case {"anything-but": other}:
            return is_there and value != other
        case dict():
            message = f"{condition} is not known here: say in event_pattern.py what it means"
            raise ValueError(message)
    return is_there and bool(value == condition) and isinstance(value, bool) is isinstance(condition, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _matches_wildcard(text: str, value: str) -> bool:
    """Tell whether `*` stands for what is missing; a backslash before it, or before another, makes it a character."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    return bool(re.fullmatch("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), value, re.DOTALL))
