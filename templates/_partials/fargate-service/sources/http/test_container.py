{% extends "templates/_partials/container/test_container.py" %}
{% block imports %}
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
{% endblock %}

{% block collections %}Callable, Iterator{% endblock %}

{% block constants %}
QUOTE = json.dumps({"zone": "domestic", "weight_grams": 1_200})
CONNECTIONS = 1_000
# What a connection that says nothing may cost of the task's memory.
MAX_KIB_PER_CONNECTION = 64
{% endblock %}

{% block stand_in %}
@pytest.fixture
def container(engine: str, image: str, port: int) -> Iterator[str]:
    """The task, ready."""
    container = told(engine, "--detach", *LOCKED, *environment(PORT=str(port), TAKEN_AT_MOST="400"), image).strip()
    until_ready(engine, container, port)
    yield container
    ask(engine, "rm", "--force", "--volumes", container)


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


{% endblock %}

{% block tests %}
def test_task_answers_and_ends_when_it_is_told_to(engine: str, container: str, port: int) -> None:
    answered = quoted(port)

    ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

    assert answered == 200
    code = ask(engine, "wait", container).stdout.strip()
    said = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line]
    assert (code, said) == ("0", ["starting", "ready", "draining", "stopped"])


{% block health %}
def test_its_health_is_what_ecs_asks_for(engine: str, container: str) -> None:
    compute = (ROOT / "infra" / "compute.py").read_text(encoding="utf-8")
    asks = "".join(re.findall(r'"([^"]*(?:HTTPConnection|/alive)[^"]*)"', compute)).replace("8080", "{port}")
    own_port = json.loads(ask(engine, "inspect", container).stdout)[0]["Config"]["Env"]
    [number] = [entry.partition("=")[2] for entry in own_port if entry.startswith("PORT=")]

    healthy = ask(engine, "exec", container, PYTHON, "-c", asks.format(port=number))
    other = ask(engine, "exec", container, PYTHON, "-c", asks.format(port=1))

    assert (healthy.returncode, other.returncode) == (0, 1), healthy.stderr


{% endblock %}
def test_a_thousand_idle_connections_and_a_ten_fold_spike_fit(
    engine: str, container: str, port: int, record_testsuite_property: Callable[[str, object], None]
) -> None:
    before = resident_kib(engine, container)
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    try:
        with ThreadPoolExecutor(40) as callers:
            statuses = Counter(callers.map(lambda _: quoted(port), range(400)))
        each = (resident_kib(engine, container) - before) / CONNECTIONS
    finally:
        for connection in held:
            connection.close()

    record_testsuite_property("kib_per_connection", round(each, 1))
    assert statuses == {200: 400}
    assert each <= MAX_KIB_PER_CONNECTION, f"{each:.1f} KiB for each connection"


{% endblock %}

{% block environment %}
def environment(**changed: str) -> list[str]:
    """Return what ECS tells the container, as arguments; it listens on this machine."""
    return ["--network=host", *(f"--env={name}={value}" for name, value in {**VARIABLES, **changed}.items())]


{% endblock %}

{% block helpers %}
def quoted(port: int) -> int:
    """Ask for a quote, and return the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/quotes", QUOTE, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def resident_kib(engine: str, container: str) -> int:
    """Return the memory of the task's own process."""
    status = "import glob, re; print(max(int(re.search(r'VmRSS:\\s+(\\d+)', open(f).read() + 'VmRSS: 0')[1])"
    seen = ask(engine, "exec", container, PYTHON, "-c", f"{status} for f in glob.glob('/proc/[0-9]*/status')))")
    return int(seen.stdout)


def until_ready(engine: str, container: str, port: int) -> None:
    """Wait until the task is ready."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    pytest.fail(ask(engine, "logs", container).stdout)


{% endblock %}
