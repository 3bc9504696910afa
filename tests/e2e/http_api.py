"""HTTP through the emulated API Gateway."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from e2e.emulator import Account

__all__ = ["Response", "request"]

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer, with lower-case header names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)


def request(
    account: Account, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Send a request to the account's only HTTP API; bytes are sent as they are, all else as JSON."""
    (api,) = account.client("apigatewayv2").get_apis()["Items"]
    address = urlsplit(account.endpoint)
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT_SECONDS)
    host = f"{api['ApiId']}.execute-api.localhost:{address.port}"
    sent = {"Host": host, "Content-Type": "application/json", **(headers or {})}
    connection.request(method, path, body=content or None, headers=sent)
    answer = connection.getresponse()
    received = {name.lower(): value for name, value in answer.getheaders()}
    response = Response(status=answer.status, headers=received, body=answer.read())
    connection.close()
    return response
