"""What a message must say, and what is made of one that does not."""

from __future__ import annotations

import json

import pytest

from forecast_scale import message
from forecast_scale.message import ForecastAsked, RejectedError

GOOD = {"version": 1, "message_id": "m-1", "seed": 7, "parcels": 20}


def test_a_field_that_a_client_added_is_not_read() -> None:
    read = message.read(json.dumps({**GOOD, "colour": "blue"}))

    assert read == ForecastAsked(version=1, message_id="m-1", seed=7, parcels=20)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not_json"),
        ('{"colour": ' + "[" * 10_000, "not_json"),
        ("\ud800", "not_json"),
        (json.dumps({**GOOD, "version": 2}), "unknown_version"),
        (json.dumps({**GOOD, "version": "1"}), "unknown_version"),
        (json.dumps({**GOOD, "message_id": ""}), "wrong_shape"),
        (json.dumps({**GOOD, "seed": 0}), "wrong_shape"),
        (json.dumps({**GOOD, "parcels": 10_001}), "wrong_shape"),
        (json.dumps({**GOOD, "parcels": None}), "wrong_shape"),
        ("[]", "wrong_shape"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_reason(body: str, reason: str) -> None:
    with pytest.raises(RejectedError) as rejected:
        message.read(body)

    assert rejected.value.reason == reason
