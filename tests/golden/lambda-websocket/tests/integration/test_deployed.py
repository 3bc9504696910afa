"""What is deployed answers as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

# A cold start and the way there and back.
PATIENCE_SECONDS = 30


def test_everybody_in_a_room_hears_what_one_says(outputs: dict[str, str]) -> None:
    room = f"test-{uuid.uuid4().hex[:8]}"
    with _enter(outputs, room) as one, _enter(outputs, room) as other, _enter(outputs, f"{room}-2") as elsewhere:
        _send(one, action="say", text="hello")

        assert _next(one) == _next(other) == {"type": "said", "room": room, "text": "hello"}
        # Whoever is elsewhere hears nothing of it, so the next thing that it hears is its own.
        _send(elsewhere, action="say", text="alone")
        assert _next(elsewhere)["text"] == "alone"


def test_a_refusal_is_a_typed_message(outputs: dict[str, str]) -> None:
    with _enter(outputs, "test") as client:
        _send(client, action="sing")

        refusal = _next(client)
        assert (refusal["type"], refusal["code"]) == ("error", "unknown_action")
        assert refusal["correlation_id"]


def test_a_handshake_without_a_room_is_refused(outputs: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus, match="400"):
        connect(outputs["WebSocketUrl"], open_timeout=PATIENCE_SECONDS)


def _enter(outputs: dict[str, str], room: str) -> ClientConnection:
    return connect(f"{outputs['WebSocketUrl']}?room={room}", open_timeout=PATIENCE_SECONDS)


def _send(client: ClientConnection, **message: str) -> None:
    client.send(json.dumps(message))


def _next(client: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(client.recv(timeout=PATIENCE_SECONDS)))
