"""What clients say, which nobody has checked yet, and what they are answered."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

__all__ = ["Answer", "ForecastAsked", "Reason", "Refusal", "RejectedError", "read", "write"]


class ForecastAsked(msgspec.Struct, frozen=True):
    """Somebody wants to know what the tariff would earn; version 1.

    A client may add fields, which are not read. What changes the meaning of a field is a new version: a struct of
    its own, told apart by `version`. A client that got no answer asks again under the same `message_id`.
    """

    version: Literal[1]
    message_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    seed: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    parcels: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Answer(msgspec.Struct, frozen=True):
    """What came of a message; whoever gets it knows that the message is done."""

    message_id: str
    revenue_cents: int


class Refusal(msgspec.Struct, frozen=True):
    """Why a message is not worked on; sending it again changes nothing."""

    rejected: str
    detail: str


class Reason(StrEnum):
    """Why a message is rejected."""

    NOT_JSON = "not_json"
    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"


class RejectedError(ValueError):
    """A message that cannot be worked on as it is."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


_decoder = msgspec.json.Decoder(ForecastAsked)
_encoder = msgspec.json.Encoder()


def read(body: str) -> ForecastAsked:
    """Return what a message says.

    Raises:
        RejectedError: It is not JSON, of a version that is not known, or of another shape.
    """
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        detail = str(error)
        about_version = "`$.version`" in detail or "`version`" in detail
        raise RejectedError(Reason.UNKNOWN_VERSION if about_version else Reason.WRONG_SHAPE, detail) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RejectedError(Reason.NOT_JSON, str(error)) from error


def write(answer: Answer | Refusal) -> str:
    """Return an answer as it is sent."""
    return _encoder.encode(answer).decode()
