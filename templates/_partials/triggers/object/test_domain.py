"""What a delivery adds up to, without AWS."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from {{ package_name }} import domain
from {{ package_name }}.domain import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

TWO = b'{"parcel_id": "a", "weight_grams": 700}\n{"parcel_id": "\xc3\xa4", "weight_grams": 1200}\n'
MIB = 1024 * 1024


@pytest.mark.parametrize("chunk_bytes", [1, 2, 7, 41, 1_000])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_delivery_adds_up_however_it_is_cut(chunk_bytes: int, ending: str) -> None:
    text = TWO.replace(b"\n", ending.encode())
    chunks = [text[at : at + chunk_bytes] for at in range(0, len(text), chunk_bytes)]

    assert domain.add_up(chunks, 100) == Delivery(parcels=2, weight_grams=1900, heaviest_grams=1200)


@pytest.mark.parametrize("text", [TWO.strip(), b"\n\n" + TWO + b"\n  \n"], ids=["no last end", "empty lines"])
def test_ends_and_empty_lines_change_nothing(text: bytes) -> None:
    assert domain.add_up([text], 100).parcels == 2


@pytest.mark.parametrize("chunks", [[], [b""], [b"\n"]])
def test_an_empty_delivery_adds_up_to_nothing(chunks: list[bytes]) -> None:
    assert domain.add_up(chunks, 100) == Delivery()


@pytest.mark.parametrize(
    "line",
    [
        b"parcel",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"parcel_id": "a"}',
        b'{"parcel_id": "", "weight_grams": 1}',
        b'{"parcel_id": "a", "weight_grams": 0}',
        b'{"parcel_id": "a", "weight_grams": 1.5}',
        b'{"parcel_id": "a", "weight_grams": 1e400}',
        b'{"parcel_id": "a", "weight_grams": NaN}',
        b'{"parcel_id": "a", "weight_grams": 1' + b"0" * 50 + b"}",
        b'{"parcel_id": "\xff", "weight_grams": 1}',
        b"[" * 99,
        b"\xef\xbb\xbf" + TWO.splitlines()[0],
    ],
)
def test_a_line_that_is_no_parcel_is_named_by_its_number(line: bytes) -> None:
    with pytest.raises(domain.BadLineError, match=r"^line 3: "):
        domain.add_up([TWO, line], 100)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_that_is_too_long_is_named_by_its_number(end: bytes) -> None:
    with pytest.raises(domain.BadLineError, match=r"^line 3: longer than 100 bytes"):
        domain.add_up([TWO, b" " * 101 + end], 100)


def test_a_large_delivery_needs_no_more_memory_than_a_chunk_and_a_line() -> None:
    line = TWO.splitlines()[0].ljust(1_023) + b"\n"
    tracemalloc.start()

    delivery = domain.add_up((line * 1_024 for _ in range(64)), 1_024)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert delivery.parcels == 64 * 1_024
    assert peak < 8 * MIB


def test_what_has_no_line_ends_is_given_up_after_the_first_chunk() -> None:
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(MIB)
            yield b"x" * MIB

    with pytest.raises(domain.BadLineError, match=r"^line 1: longer"):
        domain.add_up(endless(), 1_024)

    assert len(read) == 1
