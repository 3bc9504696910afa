"""What a message must say, what is made of one that does not, and what the feed is asked for."""

from __future__ import annotations

import json

import pytest

from forecast_feed import message
from forecast_feed.message import ForecastOrdered, RejectedError

GOOD = {"version": 1, "sequence": 3, "forecast_id": "f-1", "seed": 7, "parcels": 20}


def test_a_field_that_the_feed_added_is_not_read() -> None:
    read = message.read(json.dumps({**GOOD, "colour": "blue"}))

    assert read == ForecastOrdered(version=1, sequence=3, forecast_id="f-1", seed=7, parcels=20)


@pytest.mark.parametrize(
    ("body", "reason", "sequence"),
    [
        ("", "not_json", None),
        ('{"colour": ' + "[" * 10_000, "not_json", None),
        ("\ud800", "not_json", None),
        (json.dumps({**GOOD, "version": 2}), "unknown_version", 3),
        (json.dumps({**GOOD, "version": "1"}), "unknown_version", 3),
        (json.dumps({**GOOD, "forecast_id": ""}), "wrong_shape", 3),
        (json.dumps({**GOOD, "seed": 0}), "wrong_shape", 3),
        (json.dumps({**GOOD, "parcels": None}), "wrong_shape", 3),
        (json.dumps({**GOOD, "sequence": -1}), "wrong_shape", None),
        (json.dumps({**GOOD, "sequence": None}), "wrong_shape", None),
        ("[]", "wrong_shape", None),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_reason_and_has_its_number(
    body: str, reason: str, sequence: int | None
) -> None:
    with pytest.raises(RejectedError) as rejected:
        message.read(body)

    assert (rejected.value.reason, message.sequence_of(body)) == (reason, sequence)


def test_the_feed_is_asked_for_what_comes_next() -> None:
    asked = [json.loads(message.subscribe(after)) for after in (None, 0, 17)]

    assert asked == [{"subscribe": "forecasts"} | more for more in ({}, {"after": 0}, {"after": 17})]
