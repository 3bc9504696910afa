"""What is deployed answers a client, through the load balancer.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import socket
{% if protocol == "udp" %}
import time
{% endif %}

from {{ package_name }} import domain
{% if event_source == "tcp" %}
from {{ package_name }}.frames import HEADER_BYTES, framed
{% endif %}

PORT = 7000
ASKED = json.dumps({"version": 1, "message_id": "deployed", "seed": 7, "parcels": 250}).encode()


def test_a_message_is_answered(outputs: dict[str, str]) -> None:
    address = (outputs["LoadBalancerName"], PORT)

{% if event_source == "tcp" %}
    with socket.create_connection(address, timeout=60) as client, client.makefile("rb") as read:
        client.sendall(framed(ASKED))
        answer = json.loads(read.read(int.from_bytes(read.read(HEADER_BYTES), "big")))
{% else %}
    answer = insist(address)
{% endif %}

    assert answer == {"message_id": "deployed", "revenue_cents": domain.tally(7, range(250)).revenue_cents}
{% if protocol == "udp" %}


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
{% endif %}
