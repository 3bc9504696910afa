"""What is deployed answers a client, through the load balancer.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import socket

from forecast_line import domain
from forecast_line.frames import HEADER_BYTES, framed

PORT = 7000
ASKED = json.dumps({"version": 1, "message_id": "deployed", "seed": 7, "parcels": 250}).encode()


def test_a_message_is_answered(outputs: dict[str, str]) -> None:
    address = (outputs["LoadBalancerName"], PORT)

    with socket.create_connection(address, timeout=60) as client, client.makefile("rb") as read:
        client.sendall(framed(ASKED))
        answer = json.loads(read.read(int.from_bytes(read.read(HEADER_BYTES), "big")))

    assert answer == {"message_id": "deployed", "revenue_cents": domain.tally(7, range(250)).revenue_cents}
