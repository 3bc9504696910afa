"""The message, which nobody has checked yet: somebody wants a forecast."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

__all__ = ["ForecastOrdered", "Reason", "RejectedError", "read"]


class ForecastOrdered(msgspec.Struct, frozen=True):
    """Somebody wants to know what the tariff would earn; version 1.

    A sender may add fields, which are not read. What changes the meaning of a field is a new version: a struct of
    its own, told apart by `version`.
    """

    version: Literal[1]
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


_decoder = msgspec.json.Decoder(ForecastOrdered)


def read(body: str) -> ForecastOrdered:
    """Return what a message says.

    Raises:
        RejectedError: It is not JSON, of a version that is not known, or of another shape.
    """
{% with body = "body" %}
{% include "templates/_partials/queues/decode.py" %}
{% endwith %}
