"""A message as the topic rule passes it on (`Sql` in template.yaml), and what a device says, unchecked so far."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

import msgspec

__all__ = ["Message", "Reason", "RejectedError", "TemperatureMeasured"]


class Reason(StrEnum):
    """Why a message is rejected; trying it again changes nothing."""

    NOT_FROM_RULE = "not_from_rule"
    NOT_JSON = "not_json"
    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"
    IMPLAUSIBLE = "implausible"


class RejectedError(ValueError):
    """A message that cannot be worked on as it is."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class TemperatureMeasured(msgspec.Struct, frozen=True):
    """A box has measured its temperature; version 1.

    Devices of the old version stay in the field for years: add a version, a struct of its own, told apart by
    `version`; never change the meaning of one. A device may add fields, which are not read.

    Attributes:
        celsius: What was measured.
        message_id: What the device calls the message, the same when it sends it again; without one it is worked on
            as often as it arrives.
    """

    version: Literal[1]
    celsius: float
    message_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None


_decoder = msgspec.json.Decoder(TemperatureMeasured)


class Message(msgspec.Struct, frozen=True):
    """One message: its bytes, which the rule passes on as base64, and what the rule knows about it."""

    data: bytes
    topic: str
    trace_id: str = ""

    @classmethod
    def read(cls, event: object) -> Self:
        """Return the message in an event.

        Raises:
            RejectedError: It is not one that the rule makes.
        """
        try:
            return msgspec.convert(event, cls)
        except (msgspec.ValidationError, UnicodeError) as error:
            raise RejectedError(Reason.NOT_FROM_RULE, str(error)) from error

    def measured(self) -> TemperatureMeasured:
        """Return what the device says.

        Raises:
            RejectedError: It is not JSON, of a version that is not known, or of another shape.
        """
        try:
            return _decoder.decode(self.data)
        except msgspec.ValidationError as error:
            detail = str(error)
            reason = Reason.UNKNOWN_VERSION if "version`" in detail else Reason.WRONG_SHAPE
            raise RejectedError(reason, detail) from error
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise RejectedError(Reason.NOT_JSON, str(error)) from error
