from typing import Annotated, Literal

import msgspec

from {{ package_name }}.domain import Status  # noqa: TC001 - msgspec reads it at run time

__all__ = ["Batch", "Change", "Reason", "RejectedError", "place_of"]


{% include "templates/_partials/asynchronous/rejection.py" %}


class Data(msgspec.Struct, frozen=True):
    """What a sender put on the stream, which Lambda passes on as base64."""

    data: bytes


class Record(msgspec.Struct, frozen=True, rename={"event_version": "eventVersion"}):
    """One record as Lambda passes it on: the parts that this service reads."""

    event_version: str
    kinesis: Data


class Change(msgspec.Struct, frozen=True):
    """A parcel has moved on; version 1.

    A sender may add fields, which are not read. What changes the meaning of a field is a new version: a struct of
    its own, told apart by `version`.

    Attributes:
        event_id: What the sender calls this change, the same when it puts it on the stream again.
        before: Where the parcel was; nowhere when it is new.
        after: Where it is; nowhere when it is forgotten.
    """

    version: Literal[1]
    event_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    parcel_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    before: Status | None
    after: Status | None

    @staticmethod
    def read(record: object) -> Change:
        """Return what a record says.

        Raises:
            RejectedError: It is not JSON, of a version that is not known, or of another shape.
        """
        try:
            received = msgspec.convert(record, Record)
        except (msgspec.ValidationError, UnicodeError) as error:
            raise _rejection(error) from error
        # AWS adds fields with a minor version, and changes them with a major one.
        if not received.event_version.startswith("1."):
            raise RejectedError(Reason.UNKNOWN_VERSION, f"eventVersion {received.event_version}")
        try:
            return _decoder.decode(received.kinesis.data)
        except msgspec.ValidationError as error:
            raise _rejection(error) from error
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise RejectedError(Reason.NOT_JSON, str(error)) from error


_decoder = msgspec.json.Decoder(Change)
