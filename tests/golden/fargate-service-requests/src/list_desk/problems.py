"""Refusals and failures as RFC 9457 problem details (`application/problem+json`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

__all__ = ["InvalidField", "Problem"]

# msgspec ends its messages with the place: "Expected `int`, got `str` - at `$.lines[0].weight_grams`".
_PLACE = re.compile(r" - at `\$(?P<path>[^`]*)`\Z")


class InvalidField(msgspec.Struct, frozen=True):
    """One thing wrong in a body: what, and where as a JSON pointer."""

    detail: str
    pointer: str

    @classmethod
    def from_message(cls, message: str) -> Self:
        """Read msgspec's message about the first thing wrong."""
        place = _PLACE.search(message)
        if place is None:
            return cls(detail=message, pointer="#")
        steps = re.findall(r"[^.\[\]]+", place["path"])
        return cls(detail=message[: place.start()], pointer="/".join(["#", *steps]))


class _Body(msgspec.Struct, frozen=True, omit_defaults=True):
    title: str
    status: int
    correlation_id: str
    detail: str = ""
    errors: tuple[InvalidField, ...] = ()


class Problem(Exception):
    """An answer that refuses: raised anywhere below the handler, which answers with it.

    Attributes:
        status: The HTTP status; its phrase is the problem's title, its type is `about:blank`.
        detail: What the caller can do about it; empty when that is nothing.
        errors: What is wrong in the body, if that is why.
        headers: What the status demands, such as `allow` for 405.
    """

    content_type = "application/problem+json"

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: tuple[InvalidField, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}

    def body(self, correlation_id: str) -> bytes:
        """Return the problem as JSON, with the id under which the logs know the request."""
        return msgspec.json.encode(
            _Body(
                title=self.status.phrase,
                status=int(self.status),
                correlation_id=correlation_id,
                detail=self.detail,
                errors=self.errors,
            ),
        )
