"""Bad events of every kind, made of a sample event; knows no service."""

from __future__ import annotations

import base64
import binascii
import copy
import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hostile_events"]

Path = tuple[str | int, ...]


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


# What hostile JSON is once it is read; Python's parser, which Lambda's runtime uses, takes NaN and Infinity.
VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "negative": -1,
    "huge": 10**400,
    "fraction": 0.5,
    "infinity": math.inf,
    "nan": math.nan,
    "empty text": "",
    "blank": " ",
    "long text": "x" * 300_000,
    "nul": "\0",
    "lone surrogate": "\ud800",
    "line break": "a\nb",
    "empty list": [],
    "empty object": {},
    "list of null": [None],
    "deep": _nested(200),
    "unknown version": "99.0",
    "next version": 2,
}
# What stands where JSON should, in a text.
TEXTS: dict[str, bytes] = {
    "no JSON": b"no JSON",
    "cut off": b'{"version": 1, "par',
    "nothing": b"",
    "a number": b"7",
    "a list": b"[]",
    "null": b"null",
    "NaN": b"NaN",
    "huge number": b"1" * 5_000,
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "unknown field, deep": b'{"unknown": ' + b"[" * 100_000,
    "not UTF-8": b'{"version": 1, "parcel_id": "\xff"}',
    "lone surrogate": b'{"version": 1, "parcel_id": "\\ud800"}',
    "twice the same key": b'{"version": 1, "version": 2}',
}


def hostile_events(sample: Any) -> Iterator[tuple[str, Any]]:
    """Yield a name and an event for each way to spoil a sample: whole, part by part, and inside its texts."""
    yield from (("instead of it all: " + name, value) for name, value in VALUES.items())
    yield "in a list", [sample]
    yield "with a field of its own", {**sample, "unknown": _nested(200)}
    for path, value in _parts(sample):
        at = "/".join(map(str, path))
        yield f"{at}: missing", _without(sample, path)
        yield from ((f"{at}: {name}", _with(sample, path, other)) for name, other in VALUES.items())
        if isinstance(value, list) and value:
            yield f"{at}: twice", _with(sample, path, value * 2)
            yield f"{at}: a thousand times", _with(sample, path, value * 1_000)
        if isinstance(value, str) and (inner := _json_in(value)) is not None:
            text, encoded = inner
            yield from _spoiled_text(sample, path, at, text, encoded=encoded)


def _spoiled_text(
    sample: Any, path: Path, at: str, text: bytes, *, encoded: bool
) -> Iterator[tuple[str, Any]]:
    def put(data: bytes) -> Any:
        wrapped = base64.b64encode(data).decode() if encoded else data.decode("utf-8", "surrogateescape")
        return _with(sample, path, wrapped)

    yield from ((f"{at}: text with {name}", put(data)) for name, data in TEXTS.items())
    said = json.loads(text)
    for inner, _ in _parts(said):
        where = f"{at}: text/{'/'.join(map(str, inner))}"
        yield f"{where}: missing", put(json.dumps(_without(said, inner)).encode())
        for name, other in VALUES.items():
            yield f"{where}: {name}", put(json.dumps(_with(said, inner, other)).encode())


def _json_in(text: str) -> tuple[bytes, bool] | None:
    """Return the JSON object that a text is, or that it is as base64, and whether it is the latter."""
    for encoded in (False, True):
        try:
            raw = base64.b64decode(text, validate=True) if encoded else text.encode()
            if isinstance(json.loads(raw), dict):
                return raw, encoded
        except (ValueError, binascii.Error):
            continue
    return None


def _parts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield (*path, key), inner
        yield from _parts(inner, (*path, key))


def _with(value: Any, path: Path, other: Any) -> Any:
    spoiled = copy.deepcopy(value)
    _at(spoiled, path[:-1])[path[-1]] = other
    return spoiled


def _without(value: Any, path: Path) -> Any:
    spoiled = copy.deepcopy(value)
    del _at(spoiled, path[:-1])[path[-1]]
    return spoiled


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value
