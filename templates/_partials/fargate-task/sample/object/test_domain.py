"""What a delivery adds up to, without AWS."""

from __future__ import annotations

import pytest

from {{ package_name }} import domain
from {{ package_name }}.domain import Tally

TWO = b'{"parcel_id": "a", "weight_grams": 700}\n{"parcel_id": "\xc3\xa4", "weight_grams": 1200}\n'


@pytest.mark.parametrize("text", [TWO, TWO.strip(), b"\n\n" + TWO + b"\n  \n", TWO.replace(b"\n", b"\r\n")])
def test_ends_and_empty_lines_change_nothing(text: bytes) -> None:
    assert domain.add_up(text, 0) == Tally(parcels=2, weight_grams=1900, heaviest_grams=1200)


def test_a_delivery_adds_up_to_the_same_wherever_it_is_cut() -> None:
    first, second = TWO.splitlines(keepends=True)

    assert domain.add_up(first, 0) + domain.add_up(second, len(first)) == domain.add_up(TWO, 0)


@pytest.mark.parametrize("text", [b"", b"\n"])
def test_an_empty_delivery_adds_up_to_nothing(text: bytes) -> None:
    assert domain.add_up(text, 0) == Tally()


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
        b'{"parcel_id": "a", "weight_grams": true}',
        b'{"parcel_id": "a", "weight_grams": 1.5}',
        b'{"parcel_id": "a", "weight_grams": NaN}',
        b'{"parcel_id": "a", "weight_grams": 1' + b"0" * 5000 + b"}",
        b'{"parcel_id": "\xff", "weight_grams": 1}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_parcel_is_named_by_where_it_begins(line: bytes) -> None:
    with pytest.raises(domain.BadLineError, match=rf"^the line at byte {1_000 + len(TWO)}: "):
        domain.add_up(TWO + line, 1_000)
