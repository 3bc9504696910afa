"""What is deployed answers a client, through the load balancer and over TLS.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import os
import ssl

from websockets.sync.client import connect

from forecast_desk import domain


def test_a_message_is_answered(outputs: dict[str, str]) -> None:
    # Without the name of the certificate the load balancer is asked under its own, which no certificate has.
    name = os.environ.get("SERVICE_NAME", "")
    context = ssl.create_default_context()
    if not name:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = outputs["LoadBalancerName"]

    with connect(f"wss://{name or place}/connect", host=place, ssl=context, open_timeout=60) as client:
        client.send(json.dumps({"version": 1, "message_id": "deployed", "seed": 7, "parcels": 250}))
        answer = json.loads(client.recv(60))

    assert answer == {"message_id": "deployed", "revenue_cents": domain.tally(7, range(250)).revenue_cents}
