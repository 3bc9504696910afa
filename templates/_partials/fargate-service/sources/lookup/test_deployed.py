"""What is deployed wakes when its name is looked up, and answers within the time that clients are told.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import random
import re
import socket
import time

from {{ package_name }} import domain
{% if protocol == "tcp" %}
from {{ package_name }}.frames import HEADER_BYTES, framed
{% endif %}

PORT = 7000
ASKED = json.dumps({"version": 1, "message_id": "deployed", "seed": 7, "parcels": 250}).encode()
# The look-up is written down, a task is started, and resolvers forget what they knew.
PATIENCE_SECONDS = 300


def test_the_name_is_spelled_as_the_permission_to_change_its_record(outputs: dict[str, str]) -> None:
    name = outputs["Name"]

    assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z0-9-]+", name), f"lower case, and no dot at its end: {name}"


def test_a_look_up_wakes_it_and_a_message_is_answered(outputs: dict[str, str]) -> None:
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, 2.0
    while (answer := ask(outputs["Name"])) is None:
        assert time.monotonic() < deadline, f"it did not wake in {PATIENCE_SECONDS} s; is the name delegated?"
        time.sleep(random.uniform(0, pause))  # noqa: S311  a pause of any length
        pause = min(30, 2 * pause)

    assert answer == {"message_id": "deployed", "revenue_cents": domain.tally(7, range(250)).revenue_cents}


def ask(name: str) -> dict[str, object] | None:
{% if protocol == "udp" %}
    """Look the name up, send and wait for an answer; None when none comes."""
    try:
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.settimeout(3)
            client.connect((name, PORT))
            client.send(ASKED)
            return dict(json.loads(client.recv(65_536)))
    except OSError:
        return None
{% else %}
    """Look the name up, connect and ask; None when nobody is there."""
    try:
        with socket.create_connection((name, PORT), timeout=3) as client, client.makefile("rb") as read:
            client.sendall(framed(ASKED))
            return dict(json.loads(read.read(int.from_bytes(read.read(HEADER_BYTES), "big"))))
    except OSError:
        return None
{% endif %}
