"""What the service knows: what a delivery of parcels adds up to. No AWS, no environment.

A delivery is a text with one parcel on each line, as JSON. It is read in one pass, a chunk at a time, so that a
delivery may be a thousand times as large as the memory. Replace it by your own rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["BadLineError", "Delivery", "Parcel", "add_up", "lines_of"]


class Parcel(msgspec.Struct, frozen=True):
    """One line of a delivery."""

    parcel_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    weight_grams: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a delivery adds up to."""

    parcels: int = 0
    weight_grams: int = 0
    heaviest_grams: int = 0


class BadLineError(ValueError):
    """A line is no parcel."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(f"line {number}: {problem}")
        self.number = number


_parcel = msgspec.json.Decoder(Parcel)


def add_up(chunks: Iterable[bytes], max_line_bytes: int) -> Delivery:
    """Return what a delivery adds up to; empty lines count for nothing.

    Args:
        chunks: The delivery in pieces of any size, whose ends need not be ends of lines.
        max_line_bytes: The longest line that is read.

    Raises:
        BadLineError: A line is too long or no parcel.
    """
    parcels = weight = heaviest = 0
    for number, line in enumerate(lines_of(chunks, max_line_bytes), start=1):
        if not line.strip():
            continue
        try:
            parcel = _parcel.decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise BadLineError(number, str(error)) from error
        parcels += 1
        weight += parcel.weight_grams
        heaviest = max(heaviest, parcel.weight_grams)
    return Delivery(parcels=parcels, weight_grams=weight, heaviest_grams=heaviest)


def lines_of(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[bytes]:
    """Yield each line without its end, holding one chunk and one line at a time.

    Raises:
        BadLineError: A line is longer than allowed; it is never held whole.
    """
    number, begun = 1, b""
    for chunk in chunks:
        *whole, begun = (begun + chunk).split(b"\n")
        for line in whole:
            yield _short(line, number, max_line_bytes)
            number += 1
        _short(begun, number, max_line_bytes)
    if begun:
        yield begun


def _short(line: bytes, number: int, max_line_bytes: int) -> bytes:
    if len(line) > max_line_bytes:
        raise BadLineError(number, f"longer than {max_line_bytes} bytes")
    return line
