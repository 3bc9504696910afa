{% from "templates/_partials/python.jinja" import either with context %}
{% if event_source == "websocket" %}
"""DynamoDB and the clients of a WebSocket API, with the standard library: signed, patient, and ready after a pause.

Importing boto3 and making two clients with it takes most of a cold start, and this service makes five kinds of calls.
{% elif event_source == "object" %}
"""DynamoDB and S3 over kept connections, with the standard library: signed, patient, and ready again after a pause.

Importing boto3 and making two clients with it takes most of a cold start, and this service makes four kinds of calls.
{% else %}
"""DynamoDB over one kept connection, with the standard library: signed, patient, and ready again after a pause.

Importing boto3 and making a client with it takes most of a cold start, and this service makes {{ "two" if event_source == "workflow" else "three" }} kinds of calls.
{% endif %}
They are named, and take their arguments, as boto3's client has them. tests/unit/test_aws.py holds the signatures
against botocore's own. It is for one call at a time, as an execution environment works, and knows no proxies.
"""

from __future__ import annotations

{% if event_source in ["object", "websocket"] %}
import functools
{% endif %}
import hashlib
import hmac
import http.client
import random
{% if event_source == "object" %}
import re
{% endif %}
import select
import ssl
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import {{ "quote, " if event_source in ["object", "websocket"] }}urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import {{ {"object": "Callable, Iterator, ", "websocket": "Iterator, "}[event_source] | default("") }}Mapping

__all__ = [
{% if event_source == "object" %}
    "S3",
{% endif %}
{% if event_source == "websocket" %}
    "ApiGatewayManagementApi",
{% endif %}
    "AwsError",
{% if event_source != "websocket" %}
    "ConditionalCheckFailedError",
{% endif %}
    "Credentials",
    "DynamoDB",
{% if event_source == "websocket" %}
    "GoneError",
    "LimitExceededError",
{% endif %}
    "Request",
    "ServiceError",
{% if event_source == "object" %}
    "StreamingBody",
{% endif %}
    "UnreachableError",
]

{% if event_source == "websocket" %}
# One client that is out of reach must not take the whole invocation with it.
ATTEMPTS = 2
CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
# A pause before the second attempt is random, up to this, so that many spread out.
PAUSE_SECONDS = 0.05
{% else %}
# Together they end before the function does.
ATTEMPTS = 3
CONNECT_SECONDS = 1.0
READ_SECONDS = 3.0
# A pause is random, up to this after the first attempt and twice this after the second, so that many spread out.
PAUSE_SECONDS = 0.05
{% endif %}

{% if event_source == "object" %}
# The name of a bucket that has a host of its own.
_HOST = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")

{% endif %}
# Errors of the caller that pass; those of the service, 500 and above, all may.
PASSING = frozenset(
    {
{% if event_source == "websocket" %}
        "LimitExceededException",
{% endif %}
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
{% if event_source == "object" %}
        "RequestTimeout",
{% endif %}
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
{% if event_source != "websocket" %}
        item: What stands where a conditional write would have written, if the call asked for it.
{% endif %}
    """

    def __init__(self, code: str, detail: str, status: int{{ ", item: dict[str, Any] | None = None" if event_source != "websocket" }}) -> None:
        super().__init__(f"{code}: {detail} (HTTP {status})")
        self.code = code
        self.status = status
{% if event_source != "websocket" %}
        self.item = item
{% endif %}

    @property
    def may_pass(self) -> bool:
        """Whether the same call may succeed a moment later."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.code in PASSING


{% if event_source == "websocket" %}
class GoneError(ServiceError):
    """The client has gone, and will not come back by this connection."""


class LimitExceededError(ServiceError):
    """The client is sent more than it takes."""


KINDS = {"GoneException": GoneError, "LimitExceededException": LimitExceededError}
"""The errors that are told apart, by the service's name."""
{% else %}
class ConditionalCheckFailedError(ServiceError):
    """The condition of a write does not hold, so nothing was written."""
{% endif %}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """{{ {"object": "What is sent", "websocket": "A POST"}[event_source] | default("A POST to `/`") }}.

    Attributes:
        operation: What it asks for, as the service's API says.
        headers: In lower case, `host` among them; all of them are signed.
        body: What is sent.
{% if event_source in ["object", "websocket"] %}
        path: Where to, encoded as it is sent.
{% endif %}
{% if event_source == "object" %}
        query: What of it, encoded as it is sent.
        method: `POST` or `GET`.
{% endif %}
    """

    operation: str
    headers: Mapping[str, str]
    body: bytes
{% if event_source in ["object", "websocket"] %}
    path: str = "/"
{% endif %}
{% if event_source == "object" %}
    query: str = ""
    method: str = "POST"
{% endif %}


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
{% if event_source == "websocket" %}
        # Of a path that is encoded already, what is signed is encoded once more.
        canonical = "\n".join(["POST", quote(request.path), "", *lines, "", names, digest])
{% elif event_source == "object" %}
        canonical = "\n".join([request.method, request.path, request.query, *lines, "", names, digest])
{% else %}
        canonical = "\n".join(["POST", "/", "", *lines, "", names, digest])
{% endif %}
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
{% if event_source == "object" %}
        self._trusted = _trusted(variables.get("AWS_CA_BUNDLE")) if place.scheme == "https" else None
        self._connection = self._make_connection()
{% else %}
        self._connection = http.client.HTTPConnection(self._host, timeout=CONNECT_SECONDS)
        if place.scheme == "https":
{% if event_source == "websocket" %}
            trusted = _trusted(variables.get("AWS_CA_BUNDLE"))
{% else %}
            trusted = ssl.create_default_context(cafile=variables.get("AWS_CA_BUNDLE"))
{% endif %}
            self._connection = http.client.HTTPSConnection(self._host, timeout=CONNECT_SECONDS, context=trusted)
{% endif %}

    def close(self) -> None:
        """Leave the connection; the next call makes another."""
        self._connection.close()

{% if event_source == "object" %}
    def lose(self, error: Exception, operation: str) -> UnreachableError:
        """Leave the connection, as the rest of an answer must not be taken for the next one; return what to raise."""
        self.close()
        return UnreachableError(f"{operation}: {self._host}: {type(error).__name__}: {error}")

    def _call[Answer](self, request: Request, read: Callable[[http.client.HTTPResponse], Answer]) -> Answer:
{% else %}
    def _call(self, request: Request) -> bytes:
{% endif %}
        for attempt in range(1, ATTEMPTS):
            try:
                return self._send(request{{ ", read" if event_source == "object" }})
            except UnreachableError:
                pass
            except ServiceError as error:
                if not error.may_pass:
                    raise
            time.sleep(random.uniform(0, PAUSE_SECONDS * attempt))  # noqa: S311 - it keeps no secret
        return self._send(request{{ ", read" if event_source == "object" }})

{% if event_source == "object" %}
    def _send[Answer](self, request: Request, read: Callable[[http.client.HTTPResponse], Answer]) -> Answer:
        target = f"{request.path}?{request.query}" if request.query else request.path
{% else %}
    def _send(self, request: Request) -> bytes:
{% endif %}
        signed = self._credentials.sign(request, region=self._region, service=self._name, now=time.time())
        try:
            self._connect()
{% if event_source == "object" %}
            self._connection.request(request.method, target, request.body or None, signed)
            answer = self._connection.getresponse()
            if answer.status == HTTPStatus.OK:
                return read(answer)
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise self.lose(error, request.operation) from error
        raise _error_of(answer.status, content)

    def _make_connection(self) -> http.client.HTTPConnection:
        if self._trusted is None:
            return http.client.HTTPConnection(self._host, timeout=CONNECT_SECONDS)
        return http.client.HTTPSConnection(self._host, timeout=CONNECT_SECONDS, context=self._trusted)
{% else %}
            self._connection.request("POST", {{ "request.path" if event_source == "websocket" else '"/"' }}, request.body, signed)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            # Whatever is left of this answer must not be taken for the next one.
            self.close()
            message = f"{request.operation}: {self._host}: {type(error).__name__}: {error}"
            raise UnreachableError(message) from error
        if answer.status != HTTPStatus.OK:
            raise _error_of({{ "answer" if event_source == "websocket" else "answer.status" }}, content)
        return content
{% endif %}

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

{% if event_source in ["websocket", "workflow"] %}
    def get_item(self, **arguments: object) -> dict[str, Any]:
        """Read an item, if there is one."""
        return self._ask("GetItem", arguments)

{% endif %}
    def put_item(self, **arguments: object) -> dict[str, Any]:
        """Write an item."""
        return self._ask("PutItem", arguments)

{% if event_source not in ["websocket", "workflow"] %}
    def update_item(self, **arguments: object) -> dict[str, Any]:
        """Change attributes of an item."""
        return self._ask("UpdateItem", arguments)

{% endif %}
{% if event_source != "workflow" %}
    def delete_item(self, **arguments: object) -> dict[str, Any]:
        """Delete an item, if there is one."""
        return self._ask("DeleteItem", arguments)

{% endif %}
{% if event_source == "websocket" %}
    def query_pages(self, **arguments: object) -> Iterator[dict[str, Any]]:
        """Query, and ask for each page when it is needed."""
        page = self._ask("Query", arguments)
        yield page
        while "LastEvaluatedKey" in page:
            page = self._ask("Query", {**arguments, "ExclusiveStartKey": page["LastEvaluatedKey"]})
            yield page

{% endif %}
    def _ask(self, operation: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": self._host,
            "x-amz-target": f"DynamoDB_20120810.{operation}",
        }
        request = Request(operation=operation, headers=headers, body=msgspec.json.encode(arguments))
        return dict(msgspec.json.decode(self._call(request{{ ", http.client.HTTPResponse.read" if event_source == "object" }})))


{% if event_source == "websocket" %}
class ApiGatewayManagementApi(Service):
    """The connections of one stage of a WebSocket API.

    Args:
        variables: The environment.
        endpoint_url: The stage.
    """

    def __init__(self, variables: Mapping[str, str], endpoint_url: str) -> None:
        super().__init__("execute-api", endpoint_url, variables)
        self._stage = urlsplit(endpoint_url).path.rstrip("/")

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - as boto3 has them
        """Send to one client.

        Raises:
            GoneError: It has gone.
            LimitExceededError: It is sent more than it takes.
        """
        headers = {"content-type": "application/octet-stream", "host": self._host}
        path = f"{self._stage}/@connections/{quote(ConnectionId, safe='')}"
        self._call(Request(operation="PostToConnection", headers=headers, body=Data, path=path))


{% endif %}
{% if event_source == "object" %}
class StreamingBody:
    """What an object holds: read once, as it comes. Where it ends early is an error, never a shorter object."""

    def __init__(self, answer: http.client.HTTPResponse, service: Service) -> None:
        if answer.length is None:
            message = "it does not say how long it is"
            raise http.client.HTTPException(message)
        self._answer = answer
        self._service = service

    def iter_chunks(self, chunk_size: int) -> Iterator[bytes]:
        """Yield it in chunks of a size, the last of which may be smaller.

        Raises:
            UnreachableError: It ended early, or nothing came for a while.
        """
        while chunk := self._read(chunk_size):
            yield chunk

    def close(self) -> None:
        """Leave what was not read, and the connection with it; one whose object was read whole is kept."""
        if not self._answer.isclosed():
            self._answer.close()
            self._service.close()

    def _read(self, size: int) -> bytes:
        try:
            chunk = self._answer.read(size)
        except (OSError, http.client.HTTPException) as error:
            raise self._service.lose(error, "GetObject") from error
        if not chunk and self._answer.length:
            raise self._service.lose(http.client.IncompleteRead(b"", self._answer.length), "GetObject")
        return chunk


class S3(Service):
    """A client of S3.

    Args:
        variables: The environment. `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` names another place than the region's
            own, as both do for boto3.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__("s3", _url_of("s3", variables), variables)
        self._endpoint = self._host
        self._is_elsewhere = bool(variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL"))

    def get_object(self, *, Bucket: str, Key: str, VersionId: str | None = None) -> dict[str, StreamingBody]:  # noqa: N803 - as boto3 has them
        """Open an object, whose `Body` is to be closed. What fails before it comes is tried again, and nothing after.

        Raises:
            ServiceError: There is no such object, or it may not be read.
            UnreachableError: No answer came.
        """
        host, path = self.place_of(Bucket, Key)
        if host != self._host:
            self.close()
            self._host = host
            self._connection = self._make_connection()
        request = Request(
            operation="GetObject",
            method="GET",
            path=path,
            query="" if VersionId is None else f"versionId={quote(VersionId, safe='')}",
            headers={"host": host, "x-amz-content-sha256": hashlib.sha256(b"").hexdigest()},
            body=b"",
        )
        return {"Body": self._call(request, lambda answer: StreamingBody(answer, self))}

    def place_of(self, bucket: str, key: str) -> tuple[str, str]:
        """Return the host and the path of an object.

        A bucket has a host of its own, unless its name has letters that are none of a host's, or dots, which S3's
        certificate does not cover. Another place than S3's own has one host for all.
        """
        path = f"/{quote(key)}"
        if self._is_elsewhere or not _HOST.fullmatch(bucket):
            return self._endpoint, f"/{quote(bucket)}{path}"
        return f"{bucket}.{self._endpoint}", path


{% endif %}
{% if event_source in ["object", "websocket"] %}
@functools.cache
def _trusted(bundle: str | None) -> ssl.SSLContext:
    """Read the certificates once for both clients: it costs more of a start than all else here."""
    return ssl.create_default_context(cafile=bundle)


{% endif %}
def _url_of(service: str, variables: Mapping[str, str]) -> str:
    region = variables["AWS_REGION"]
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return (
        variables.get(f"AWS_ENDPOINT_URL_{service.upper()}")
        or variables.get("AWS_ENDPOINT_URL")
        or f"https://{service}.{region}.{suffix}"
    )


{% if event_source == "websocket" %}
def _error_of(answer: http.client.HTTPResponse, content: bytes) -> ServiceError:
    try:
        told = msgspec.json.decode(content, type=dict[str, Any])
    except {{ either("msgspec.DecodeError, UnicodeDecodeError") }}:
        # API Gateway may say no more than its header, or something between here and the service answered.
        told = {"message": repr(content[:200])}
    # DynamoDB names the error in its answer, API Gateway in a header.
    named = answer.getheader("x-amzn-errortype") or str(told.get("__type", "Unknown"))
    code = named.rpartition("#")[2].partition(":")[0]
    detail = str(told.get("message") or told.get("Message", ""))
    return KINDS.get(code, ServiceError)(code, detail, answer.status)
{% else %}
{% if event_source == "object" %}
# How S3 tells an error: two elements of a few words are not worth a parser of XML in every cold start.
_CODE = re.compile(rb"<Code>(\w+)</Code>")
_MESSAGE = re.compile(rb"<Message>([^<]*)</Message>")


{% endif %}
def _error_of(status: int, content: bytes) -> ServiceError:
    try:
        told = msgspec.json.decode(content, type=dict[str, Any])
    except {{ either("msgspec.DecodeError, UnicodeDecodeError") }}:
{% if event_source == "object" %}
        # S3, or something between here and a service.
        named, explained = _CODE.search(content), _MESSAGE.search(content)
        if named and explained:
            return ServiceError(named[1].decode(), explained[1].decode(errors="replace"), status)
{% else %}
        # Something between here and the service answered.
{% endif %}
        return ServiceError("Unknown", repr(content[:200]), status)
    code = str(told.get("__type", "Unknown")).rpartition("#")[2]
    detail = str(told.get("message") or told.get("Message", ""))
    kind = ConditionalCheckFailedError if code == "ConditionalCheckFailedException" else ServiceError
    return kind(code, detail, status, told.get("Item"))
{% endif %}
