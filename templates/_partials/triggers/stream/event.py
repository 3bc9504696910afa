{% from "templates/_partials/python.jinja" import either with context %}
"""A batch as Lambda takes it off the stream, and its records, which nobody has checked yet."""

from __future__ import annotations

from enum import StrEnum
{% include "templates/_partials/triggers/stream/" ~ stream_source ~ "/event.py" %}


class Batch(msgspec.Struct, frozen=True, rename={"records": "Records"}):
    """What one invocation is given, in order; each record is read when it is its turn."""

    records: tuple[object, ...]


class _Numbered(msgspec.Struct, rename="{{ "camel" if kinesis else "pascal" }}"):
    sequence_number: str


class _Placed(msgspec.Struct):
    {{ stream_source }}: _Numbered


def place_of(record: object) -> str:
    """Return a record's place in its shard, whatever else is wrong with it; nothing when it has none."""
    try:
        return msgspec.convert(record, _Placed).{{ stream_source }}.sequence_number
    except {{ either("msgspec.ValidationError, UnicodeError") }}:
        return ""
