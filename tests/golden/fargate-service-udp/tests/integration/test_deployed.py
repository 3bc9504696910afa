"""What is deployed answers a client, through the load balancer.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import socket
import time

from forecast_beacon import domain

PORT = 7000
ASKED = json.dumps({"version": 1, "message_id": "deployed", "seed": 7, "parcels": 250}).encode()


def test_a_message_is_answered(outputs: dict[str, str]) -> None:
    address = (outputs["LoadBalancerName"], PORT)

    answer = insist(address)

    assert answer == {"message_id": "deployed", "revenue_cents": domain.tally(7, range(250)).revenue_cents}


def insist(address: tuple[str, int]) -> object:
    """Send until something comes back: any datagram may be lost."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.connect(address)
        client.settimeout(2)
        deadline = time.monotonic() + 60
        while True:
            client.send(ASKED)
            try:
                return json.loads(client.recv(65_536))
            except TimeoutError:
                assert time.monotonic() < deadline, "nobody answers"
