"""A request as {{ "the function URL" if function_url else "API Gateway" }} sends it ({% if not function_url %}HTTP API, {% endif %}payload format 2.0), and its body, which nobody has checked yet."""

from __future__ import annotations

import base64
import binascii
import re
from http import HTTPStatus

import msgspec

from {{ package_name }}.problems import InvalidField, Problem

__all__ = ["CORRELATION_HEADER", "Request"]

CORRELATION_HEADER = "x-correlation-id"
# A caller may name its own correlation id; what does not look like one never reaches the logs.
_CORRELATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


class Http(msgspec.Struct, frozen=True):
    """How the request was made."""

    method: str


class RequestContext(msgspec.Struct, frozen=True, rename="camel"):
    """What {{ "the function URL" if function_url else "API Gateway" }} knows about the request."""

    request_id: str
    http: Http


class Request(msgspec.Struct, frozen=True, rename="camel"):
    """One request: the parts that this service reads."""

{% if not function_url %}
    route_key: str
{% endif %}
    raw_path: str
    request_context: RequestContext
    headers: dict[str, str] = msgspec.field(default_factory=dict)
{% if not function_url %}
    path_parameters: dict[str, str] | None = None
{% endif %}
    body: str | None = None
    is_base64_encoded: bool = False

{% if function_url %}
    @property
    def route_key(self) -> str:
        """Method and path: a function URL matches no routes itself, it calls every request `$default`."""
        return f"{self.request_context.http.method} {self.raw_path}"

{% endif %}
    @property
    def correlation_id(self) -> str:
        """The caller's id when it looks like one, else {{ "Lambda" if function_url else "API Gateway" }}'s request id."""
        given = self.headers.get(CORRELATION_HEADER, "")
        return given if _CORRELATION_ID.fullmatch(given) else self.request_context.request_id

    def read_json[Body](self, decoder: msgspec.json.Decoder[Body], max_bytes: int) -> Body:
        """Return the body as the decoder's type.

        Raises:
            Problem: The body is not JSON (400, 415), too large (413) or of another shape (422).
        """
        media_type = self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
        raw = self._read_bytes()
        if len(raw) > max_bytes:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Send at most {max_bytes} bytes.")
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "The body does not have the expected shape.",
                errors=(InvalidField.from_message(str(error)),),
            ) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}") from error

    def _read_bytes(self) -> bytes:
        body = self.body or ""
        if not self.is_base64_encoded:
            return body.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Problem(HTTPStatus.BAD_REQUEST, "The body is not base64.") from error
