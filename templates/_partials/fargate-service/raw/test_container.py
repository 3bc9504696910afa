{% extends "templates/_partials/container/test_container.py" %}
{% block imports %}
import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
{% endblock %}

{% block libraries %}
{% if protocol != "udp" %}
from unit.running import free_port

from {{ package_name }}.frames import HEADER_BYTES, framed
{% else %}
from unit.running import free_port
{% endif %}
{% endblock %}

{% block environment %}{% endblock %}

{% block constants %}
ASKED = json.dumps({"version": 1, "message_id": "m", "seed": 7, "parcels": 20}).encode()
{% endblock %}

{% block tests %}
def test_message_is_answered_and_the_task_ends_when_it_is_told_to(engine: str, image: str) -> None:
    port, health_port = free_port(), free_port()
    told_to = {**VARIABLES, "PORT": str(port), "HEALTH_PORT": str(health_port)}
    variables = [f"--env={name}={value}" for name, value in told_to.items()]
    container = told(engine, "--detach", *LOCKED, "--network=host", *variables, image).strip()
    try:
        until_it_listens(health_port, engine, container)
        answers = exchange(port)
        began = time.monotonic()
        ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)
        took = time.monotonic() - began
        code = ask(engine, "wait", container).stdout.strip()
        last = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line][-1]
    finally:
        ask(engine, "rm", "--force", "--volumes", container)

    assert [answer.get("message_id") for answer in answers] == ["m"]
    assert (code, last) == ("0", "stopped")
    assert took < STOP_TIMEOUT_SECONDS


{% endblock %}

{% block helpers %}
def exchange(port: int) -> list[dict[str, Any]]:
    """Ask one thing, and return what is answered."""
{% if protocol != "udp" %}
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client, client.makefile("rb") as read:
        client.sendall(framed(ASKED))
        length = int.from_bytes(read.read(HEADER_BYTES), "big")
        return [json.loads(read.read(length))]
{% else %}
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(60)
        client.connect(("127.0.0.1", port))
        client.send(ASKED)
        return [json.loads(client.recv(65_536))]
{% endif %}


def until_it_listens(port: int, engine: str, container: str) -> None:
    """Wait until the server says how it is."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, ask(engine, "logs", container).stdout
            time.sleep(0.1)
        else:
            return


{% endblock %}
