{% extends "templates/_partials/fargate-service/sources/connections/test_container.py" %}
{% block imports %}
import contextlib
import http.client
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

{% block libraries %}{% endblock %}

{% block tests %}
def test_stream_is_sent_events_and_ends_when_the_task_does(engine: str, image: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told_to = [f"--env={name}={value}" for name, value in {**VARIABLES, "PORT": str(port)}.items()]
    container = told(engine, "--detach", *LOCKED, "--network=host", *told_to, image).strip()
    try:
        until_it_listens(port, engine, container)
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", "/events")
            stream = connection.getresponse()
            begun = [stream.readline() for _ in range(5)]

            ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

            rest = stream.read()
        code = ask(engine, "wait", container).stdout.strip()
        last = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line][-1]
        assert begun[3] == b"event: waiting\n"
        assert rest.splitlines()[-2].startswith(b"retry: ")
        assert (code, last) == ("0", "stopped")
    finally:
        ask(engine, "rm", "--force", "--volumes", container)


{% endblock %}
