"""A batch as Lambda takes it off the queue, and its messages, which nobody has checked yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

__all__ = ["Batch", "Message", "ParcelWeighed", "Reason", "RejectedError"]


class ParcelWeighed(msgspec.Struct, frozen=True):
    """A scale in the depot has weighed a parcel; version 1.

    A sender may add fields, which are not read. What changes the meaning of a field is a new version: a struct of
    its own, told apart by `version`.
    """

    version: Literal[1]
    weighing_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    parcel_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    declared_grams: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    weighed_grams: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Reason(StrEnum):
    """Why a message is rejected; trying it again changes nothing."""

    NOT_JSON = "not_json"
    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"
    IMPLAUSIBLE = "implausible"


class RejectedError(ValueError):
    """A message that cannot be worked on as it is."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


_decoder = msgspec.json.Decoder(ParcelWeighed)


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """One message: the parts that this service reads."""

    message_id: str
    body: str

    def read(self) -> ParcelWeighed:
        """Return what the message says.

        Raises:
            RejectedError: It is not JSON, of a version that is not known, or of another shape.
        """
{% filter indent(4, first=true) %}{% with body = "self.body" %}
{% include "templates/_partials/queues/decode.py" %}
{% endwith %}{% endfilter %}


class Batch(msgspec.Struct, frozen=True, rename={"messages": "Records"}):
    """What one invocation is given."""

    messages: tuple[Message, ...]
