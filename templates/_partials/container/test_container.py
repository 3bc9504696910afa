"""The image as it is deployed: not as root, on a root file system nobody can write, stopped in time.

Skipped where no container engine runs, or where it cannot get the images that Dockerfile starts from.
"""

from __future__ import annotations

{% block imports %}
import json
import os
import re
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
{% endblock %}

import pytest
from environment import VARIABLES
{% block libraries %}{% endblock %}

if TYPE_CHECKING:
    from collections.abc import {% block collections %}Iterator{% endblock %}


ROOT = Path(__file__).parents[2]
# The CDK builds with the same one.
ENGINE = os.environ.get("CDK_DOCKER", "docker")
IMAGE = "localhost/{{ project_name }}-under-test:latest"
PYTHON = "/app/bin/python"
# As infra/compute.py says.
LOCKED = ("--read-only",{{ "" if on_batch else " \"--cap-drop=ALL\"" }})
STOP_TIMEOUT_SECONDS = {{ 30 if on_batch else 120 }}
{% block constants %}{% endblock %}
PROBE = """
import importlib.util, json, os, shutil
def can_write(folder):
    try:
        open(f"{folder}/probe", "w").close()
    except OSError:
        return False
    return True
print(json.dumps({
    "user": os.getuid(),
    "writable": [folder for folder in ("/", "/app", "/etc", "/scratch") if can_write(folder)],
    "tools": [name for name in ("moto", "pytest", "uv") if shutil.which(name) or importlib.util.find_spec(name)],
}))
"""


@pytest.fixture(scope="module")
def engine() -> str:
    """The engine that answers and has what Dockerfile starts from."""
    if shutil.which(ENGINE) is None or ask(ENGINE, "info").returncode:
        pytest.skip(f"no container engine answers as `{ENGINE}`: start Docker, or set CDK_DOCKER=podman")
    for image in re.findall(r"^ARG \w+_IMAGE=(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE):
        if ask(ENGINE, "image", "inspect", image).returncode:
            pulled = ask(ENGINE, "pull", image)
            if pulled.returncode:
                pytest.skip(f"{ENGINE} cannot get {image}: {pulled.stderr.strip().splitlines()[-1]}")
    return ENGINE


@pytest.fixture(scope="module")
def image(engine: str) -> Iterator[str]:
    """The image, built from Dockerfile as it stands."""
    built = ask(engine, "build", "--tag", IMAGE, str(ROOT))
    assert built.returncode == 0, f"{engine} cannot build Dockerfile:\n{built.stdout}{built.stderr}"
    yield IMAGE
    ask(engine, "image", "rm", "--force", IMAGE)


{% block stand_in %}{% endblock %}
def test_task_is_nobody_writes_to_its_scratch_volume_only_and_cannot_install_anything(engine: str, image: str) -> None:
    probed = json.loads(told(engine, *LOCKED, "--entrypoint", PYTHON, image, "-c", PROBE))

    assert probed == {"user": 10001, "writable": ["/scratch"], "tools": []}


{% block tests %}{% endblock %}
def test_missing_setting_exits_with_2_and_is_named(engine: str, image: str) -> None:
    ended = ask(engine, "run", "--rm", *LOCKED, image)

    assert ended.returncode == 2
    assert "ENVIRONMENT" in ended.stdout


{% block stopped %}{% endblock %}
{% block environment %}
def environment(aws: ThreadingHTTPServer, **changed: str) -> list[str]:
    """Return what ECS tells the container, as arguments; AWS is on this machine's loopback address."""
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": "{{ aws_region }}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws.server_address[1]}",
        "AWS_SECRET_ACCESS_KEY": "test",
        **VARIABLES,
        **changed,
    }
    return ["--network=host", *(f"--env={name}={value}" for name, value in variables.items())]


{% endblock %}
{% block helpers %}{% endblock %}
def lines(said: str) -> list[dict[str, Any]]:
    """Return what the task logged."""
    return [json.loads(line) for line in said.splitlines()]


def told(engine: str, *arguments: str) -> str:
    """Return what a container says that must succeed."""
    detached = "--detach" in arguments
    ended = ask(engine, "run", *([] if detached else ["--rm"]), *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def ask(engine: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the engine."""
    return subprocess.run([engine, *arguments], check=False, capture_output=True, text=True)
