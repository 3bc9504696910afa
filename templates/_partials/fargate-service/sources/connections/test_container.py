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
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
{% endblock %}

{% block environment %}{% endblock %}

{% block tests %}
def test_connection_is_answered_and_asked_to_come_back_when_the_task_ends(engine: str, image: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told_to = [f"--env={name}={value}" for name, value in {**VARIABLES, "PORT": str(port)}.items()]
    container = told(engine, "--detach", *LOCKED, "--network=host", *told_to, image).strip()
    try:
        until_it_listens(port, engine, container)
        with connect(f"ws://127.0.0.1:{port}/connect") as client:
            client.send(json.dumps({"version": 1, "message_id": "m", "seed": 7, "parcels": 20}))
            answer = json.loads(client.recv(60))

            ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

            with pytest.raises(ConnectionClosed) as closed:
                client.recv(60)
        code = ask(engine, "wait", container).stdout.strip()
        last = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line][-1]
        assert answer["message_id"] == "m"
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, code, last) == (1012, "0", "stopped")
    finally:
        ask(engine, "rm", "--force", "--volumes", container)


{% endblock %}

{% block helpers %}
def until_it_listens(port: int, engine: str, container: str) -> None:
    """Wait until the server takes connections."""
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
