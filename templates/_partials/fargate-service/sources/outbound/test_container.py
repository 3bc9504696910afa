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
from unit.aws import Aws
from unit.conftest import FeedServer, in_a_thread, order
{% endblock %}

{% block environment %}{% endblock %}

{% block tests %}
def test_message_is_done_and_the_task_ends_when_it_is_told_to(engine: str, image: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with Aws().running() as aws, in_a_thread(FeedServer(sayings=[order(1)])) as feed:
        told_to = {
            **VARIABLES,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": "{{ aws_region }}",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_SECRET_ACCESS_KEY": "test",
            "FEED_URL": feed.url,
            "HEALTH_PORT": port,
        }
        variables = [f"--env={name}={value}" for name, value in told_to.items()]
        container = told(engine, "--detach", *LOCKED, "--network=host", *variables, image).strip()
        try:
            until_done(aws, engine, container)
            ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)
            code = ask(engine, "wait", container).stdout.strip()
            last = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line][-1]
        finally:
            ask(engine, "rm", "--force", "--volumes", container)

    assert (code, last) == ("0", "stopped")
    assert aws.actions() == ["GetItem", "UpdateItem", "UpdateItem", "PutItem"]


{% endblock %}

{% block helpers %}
def until_done(aws: Aws, engine: str, container: str) -> None:
    """Wait until the message is claimed and done."""
    deadline = time.monotonic() + 60
    while aws.actions().count("UpdateItem") < 2:
        assert time.monotonic() < deadline, ask(engine, "logs", container).stdout
        time.sleep(0.1)


{% endblock %}
