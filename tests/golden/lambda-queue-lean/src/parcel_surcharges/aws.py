"""DynamoDB over one kept connection, with the standard library: signed, patient, and ready again after a pause.

Importing boto3 and making a client with it takes most of a cold start, and this service makes three kinds of calls.
They are named, and take their arguments, as boto3's client has them. tests/unit/test_aws.py holds the signatures
against botocore's own. It is for one call at a time, as an execution environment works, and knows no proxies.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import random
import select
import ssl
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AwsError",
    "ConditionalCheckFailedError",
    "Credentials",
    "DynamoDB",
    "Request",
    "ServiceError",
    "UnreachableError",
]

# Together they end before the function does.
ATTEMPTS = 3
CONNECT_SECONDS = 1.0
READ_SECONDS = 3.0
# A pause is random, up to this after the first attempt and twice this after the second, so that many spread out.
PAUSE_SECONDS = 0.05

# Errors of the caller that pass; those of the service, 500 and above, all may.
PASSING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
    }
)


class AwsError(Exception):
    """A call that did not succeed, however often it was made."""


class UnreachableError(AwsError):
    """No answer came, or half of one."""


class ServiceError(AwsError):
    """The service answered with an error.

    Attributes:
        code: Its name, as `ThrottlingException`.
        status: The status of HTTP.
        item: What stands where a conditional write would have written, if the call asked for it.
    """

    def __init__(self, code: str, detail: str, status: int, item: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {detail} (HTTP {status})")
        self.code = code
        self.status = status
        self.item = item

    @property
    def may_pass(self) -> bool:
        """Whether the same call may succeed a moment later."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.code in PASSING


class ConditionalCheckFailedError(ServiceError):
    """The condition of a write does not hold, so nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST to `/`.

    Attributes:
        operation: What it asks for, as the service's API says.
        headers: In lower case, `host` among them; all of them are signed.
        body: What is sent.
    """

    operation: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the function's role is proved with; Lambda makes a new environment before they end."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(repr=False)

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Self:
        """Read what Lambda gives every function."""
        return cls(
            access_key_id=variables["AWS_ACCESS_KEY_ID"],
            secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            session_token=variables.get("AWS_SESSION_TOKEN"),
        )

    def sign(self, request: Request, *, region: str, service: str, now: float) -> dict[str, str]:
        """Return the headers of a request with its signature.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

        Args:
            request: What is sent.
            region: Where the service is.
            service: Its name in signatures, as `dynamodb`.
            now: Seconds since 1970.
        """
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
        signed = {**request.headers, "x-amz-date": stamp}
        if self.session_token is not None:
            signed["x-amz-security-token"] = self.session_token
        names = ";".join(sorted(signed))
        lines = [f"{name}:{' '.join(signed[name].split())}" for name in sorted(signed)]
        digest = hashlib.sha256(request.body).hexdigest()
        canonical = "\n".join(["POST", "/", "", *lines, "", names, digest])
        proof = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = f"AWS4{self.secret_access_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, proof.encode(), "sha256").hex()
        credential = f"Credential={self.access_key_id}/{scope}"
        return {
            **signed,
            "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}",
        }


class Service:
    """A service over one kept connection; making one reads the certificates and calls nobody.

    Args:
        name: What it is called in signatures.
        url: Where it is.
        variables: The environment. `AWS_CA_BUNDLE` names other certificates than the system's, as it does for boto3.
    """

    def __init__(self, name: str, url: str, variables: Mapping[str, str]) -> None:
        self._name = name
        self._credentials = Credentials.from_environment(variables)
        self._region = variables["AWS_REGION"]
        place = urlsplit(url)
        self._host = place.netloc
        self._connection = http.client.HTTPConnection(self._host, timeout=CONNECT_SECONDS)
        if place.scheme == "https":
            trusted = ssl.create_default_context(cafile=variables.get("AWS_CA_BUNDLE"))
            self._connection = http.client.HTTPSConnection(self._host, timeout=CONNECT_SECONDS, context=trusted)

    def close(self) -> None:
        """Leave the connection; the next call makes another."""
        self._connection.close()

    def _call(self, request: Request) -> bytes:
        for attempt in range(1, ATTEMPTS):
            try:
                return self._send(request)
            except UnreachableError:
                pass
            except ServiceError as error:
                if not error.may_pass:
                    raise
            time.sleep(random.uniform(0, PAUSE_SECONDS * attempt))  # noqa: S311 - it keeps no secret
        return self._send(request)

    def _send(self, request: Request) -> bytes:
        signed = self._credentials.sign(request, region=self._region, service=self._name, now=time.time())
        try:
            self._connect()
            self._connection.request("POST", "/", request.body, signed)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            # Whatever is left of this answer must not be taken for the next one.
            self.close()
            message = f"{request.operation}: {self._host}: {type(error).__name__}: {error}"
            raise UnreachableError(message) from error
        if answer.status != HTTPStatus.OK:
            raise _error_of(answer.status, content)
        return content

    def _connect(self) -> None:
        """Have a connection. One that was closed while the environment was frozen has its end to read, and is left."""
        kept = self._connection.sock
        if kept is not None:
            if not select.select([kept], [], [], 0)[0]:
                return
            self.close()
        self._connection.connect()
        self._connection.sock.settimeout(READ_SECONDS)


class DynamoDB(Service):
    """A client of DynamoDB.

    Args:
        variables: The environment. `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL` names another place than the
            region's own, as both do for boto3.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__("dynamodb", _url_of("dynamodb", variables), variables)

    def put_item(self, **arguments: object) -> dict[str, Any]:
        """Write an item."""
        return self._ask("PutItem", arguments)

    def update_item(self, **arguments: object) -> dict[str, Any]:
        """Change attributes of an item."""
        return self._ask("UpdateItem", arguments)

    def delete_item(self, **arguments: object) -> dict[str, Any]:
        """Delete an item, if there is one."""
        return self._ask("DeleteItem", arguments)

    def _ask(self, operation: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": self._host,
            "x-amz-target": f"DynamoDB_20120810.{operation}",
        }
        request = Request(operation=operation, headers=headers, body=msgspec.json.encode(arguments))
        return dict(msgspec.json.decode(self._call(request)))


def _url_of(service: str, variables: Mapping[str, str]) -> str:
    region = variables["AWS_REGION"]
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return (
        variables.get(f"AWS_ENDPOINT_URL_{service.upper()}")
        or variables.get("AWS_ENDPOINT_URL")
        or f"https://{service}.{region}.{suffix}"
    )


def _error_of(status: int, content: bytes) -> ServiceError:
    try:
        told = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Something between here and the service answered.
        return ServiceError("Unknown", repr(content[:200]), status)
    code = str(told.get("__type", "Unknown")).rpartition("#")[2]
    detail = str(told.get("message") or told.get("Message", ""))
    kind = ConditionalCheckFailedError if code == "ConditionalCheckFailedException" else ServiceError
    return kind(code, detail, status, told.get("Item"))
