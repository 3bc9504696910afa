"""What the feed says, which nobody has checked yet, and what it is asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

__all__ = ["ForecastOrdered", "Reason", "RejectedError", "read", "sequence_of", "subscribe"]


class ForecastOrdered(msgspec.Struct, frozen=True):
    """Somebody wants to know what the tariff would earn; version 1.

    The feed may add fields, which are not read. What changes the meaning of a field is a new version: a struct of
    its own, told apart by `version`.
    """

    version: Literal[1]
    sequence: Annotated[int, msgspec.Meta(ge=0)]
    forecast_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    seed: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    parcels: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class Reason(StrEnum):
    """Why a message is rejected; trying it again changes nothing."""

    NOT_JSON = "not_json"
    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"
    OTHER_ORDER = "other_order"


class RejectedError(ValueError):
    """A message that cannot be worked on as it is."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class _Numbered(msgspec.Struct):
    sequence: Annotated[int, msgspec.Meta(ge=0)]


class _Subscribe(msgspec.Struct, omit_defaults=True):
    subscribe: str
    after: int | None = None


_decoder = msgspec.json.Decoder(ForecastOrdered)
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
_numbers = msgspec.json.Decoder(_Numbered)


def subscribe(after: int | None) -> str:
    """Return what the feed is asked for: everything after a number, or from now on."""
    return msgspec.json.encode(_Subscribe(subscribe="forecasts", after=after)).decode()


def sequence_of(text: str) -> int | None:
    """Return the number of a message in the feed, even where the rest cannot be read; None without one."""
    try:
        return _numbers.decode(text).sequence
    except _UNREADABLE:
        return None


def read(body: str) -> ForecastOrdered:
    """Return what a message says.

    Raises:
        RejectedError: It is not JSON, of a version that is not known, or of another shape.
    """
{% with body = "body" %}
{% include "templates/_partials/queues/decode.py" %}
{% endwith %}
