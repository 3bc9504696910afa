"""WebSockets through the emulated API Gateway: the smallest client (RFC 6455), and a gap made up for."""

from __future__ import annotations

import base64
import contextlib
import http
import json
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator import Account

__all__ = ["Client", "HandshakeRefusedError", "connect", "post_back_through"]

PATIENCE_SECONDS = 30
TEXT, CLOSE = 0x1, 0x8
LAST_FRAME, MASKED = 0x80, 0x80
LENGTH_IN_2_BYTES, LENGTH_IN_8_BYTES = 126, 127


class HandshakeRefusedError(Exception):
    """The server does not let the client in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An open connection."""

    connection: socket.socket
    stream: BinaryIO

    def send(self, message: object) -> None:
        """Send a text as it is, all else as JSON."""
        text = message if isinstance(message, str) else json.dumps(message)
        self._send(TEXT, text.encode())

    def hear(self) -> dict[str, Any]:
        """Return the next message, decoded."""
        heard: dict[str, Any] = json.loads(self.hear_text())
        return heard

    def hear_text(self) -> str:
        """Return the next message as it is."""
        opcode, payload = self._receive()
        if opcode != TEXT:
            raise ConnectionError(f"the server sent a frame {opcode:#x} instead of a message")
        return payload.decode()

    def close(self) -> None:
        """Say goodbye, and wait until the server has."""
        self._send(CLOSE, (1000).to_bytes(2))
        with contextlib.suppress(ConnectionError):
            while self._receive()[0] != CLOSE:
                pass

    def _send(self, opcode: int, payload: bytes) -> None:
        # What a client sends is masked; a mask of zeros leaves it as it is.
        head = bytes([LAST_FRAME | opcode]) + _length(len(payload)) + bytes(4)
        self.connection.sendall(head + payload)

    def _receive(self) -> tuple[int, bytes]:
        head = self._read(2)
        length = head[1]
        if length in {LENGTH_IN_2_BYTES, LENGTH_IN_8_BYTES}:
            length = int.from_bytes(self._read(2 if length == LENGTH_IN_2_BYTES else 8))
        return head[0] & 0x0F, self._read(length)

    def _read(self, size: int) -> bytes:
        data = self.stream.read(size)
        if len(data) < size:
            raise ConnectionError("the server closed the connection")
        return data


@contextlib.contextmanager
def connect(account: Account, query: str = "") -> Iterator[Client]:
    """Open a connection to the stage of the account's only API.

    Raises:
        HandshakeRefusedError: The server does not let the client in.
    """
    address = urlsplit(account.endpoint)
    with (
        socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS) as connection,
        connection.makefile("rb") as stream,
    ):
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall(
            f"GET {_path(account)}?{query} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        status = int(stream.readline().split()[1])
        if status != http.HTTPStatus.SWITCHING_PROTOCOLS:
            raise HandshakeRefusedError(f"the handshake ended with {status}")
        while stream.readline() != b"\r\n":
            pass
        client = Client(connection=connection, stream=stream)
        yield client
        with contextlib.suppress(OSError):
            client.close()


def post_back_through(account: Account, function: dict[str, Any]) -> None:
    """Tell a function under which address the emulator answers for the stage; AWS has one of its own."""
    variables = {
        **function["Environment"]["Variables"],
        "CALLBACK_URL": f"{account.endpoint}{_path(account)}",
    }
    account.client("lambda").update_function_configuration(
        FunctionName=function["FunctionName"], Environment={"Variables": variables}
    )


def _length(size: int) -> bytes:
    """Return a length in the fewest bytes, as the protocol demands, with the bit that says masked."""
    if size < LENGTH_IN_2_BYTES:
        return bytes([MASKED | size])
    if size < 1 << 16:
        return bytes([MASKED | LENGTH_IN_2_BYTES]) + size.to_bytes(2)
    return bytes([MASKED | LENGTH_IN_8_BYTES]) + size.to_bytes(8)


def _path(account: Account) -> str:
    gateway = account.client("apigatewayv2")
    (api,) = gateway.get_apis()["Items"]
    (stage,) = gateway.get_stages(ApiId=api["ApiId"])["Items"]
    return f"/_aws/execute-api/{api['ApiId']}/{stage['StageName']}"
