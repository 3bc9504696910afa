"""An event as a WebSocket API sends it, its message, which nobody has checked yet, and how one is refused."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["Code", "Event", "RefusedError"]

_LONGEST_DETAIL = 300


class Code(StrEnum):
    """Why a message is refused, for programs."""

    NO_ROOM = "no_room"
    NOT_CONNECTED = "not_connected"
    NOT_JSON = "not_json"
    NOT_TEXT = "not_text"
    TOO_LARGE = "too_large"
    UNKNOWN_ACTION = "unknown_action"
    WRONG_SHAPE = "wrong_shape"


class RefusedError(Exception):
    """An event is refused: raised anywhere below the handler, which tells the client.

    Attributes:
        code: Why, for programs.
        detail: What the client can do about it; it may quote the message, so it is cut.
    """

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail[:_LONGEST_DETAIL]


class RequestContext(msgspec.Struct, frozen=True, rename="camel"):
    """What API Gateway knows about the event."""

    route_key: str
    connection_id: str
    request_id: str


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """A client connects, sends a message or goes: the parts that this service reads."""

    request_context: RequestContext
    query_string_parameters: dict[str, str] | None = None
    body: str | None = None
    is_base64_encoded: bool = False

    @property
    def connection_id(self) -> str:
        """Whose event it is."""
        return self.request_context.connection_id

    def read_json[Body](self, decoder: msgspec.json.Decoder[Body], max_bytes: int) -> Body:
        """Return the message as the decoder's type.

        Raises:
            RefusedError: It is binary, too large, not JSON or of another shape.
        """
        if self.is_base64_encoded:
            raise RefusedError(Code.NOT_TEXT, "Send text, not binary.")
        raw = (self.body or "").encode("utf-8", "surrogatepass")
        if len(raw) > max_bytes:
            raise RefusedError(Code.TOO_LARGE, f"Send at most {max_bytes} bytes.")
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise RefusedError(Code.WRONG_SHAPE, str(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RefusedError(Code.NOT_JSON, f"The message is not JSON: {error}") from error
