{% extends "templates/_partials/container/test_container.py" %}
{% block imports %}
import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
{% endblock %}

{% block libraries %}
from grpc import StatusCode, aio

from {{ package_name }}.protocol.forecasts_pb2 import ForecastRequest, Told
from {{ package_name }}.protocol.forecasts_pb2_grpc import ForecastsStub
{% endblock %}

{% block collections %}AsyncIterator, Iterator{% endblock %}

{% block environment %}{% endblock %}

{% block tests %}
def test_a_stream_is_answered_and_asked_to_come_back_when_the_task_ends(engine: str, image: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told_to = [f"--env={name}={value}" for name, value in {**VARIABLES, "PORT": str(port)}.items()]
    container = told(engine, "--detach", *LOCKED, "--network=host", *told_to, image).strip()
    try:
        answer, status = asyncio.run(talk(port, engine, container))
        code = ask(engine, "wait", container).stdout.strip()
        last = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line][-1]
        assert isinstance(answer, Told)
        assert answer.answer.message_id == "m"
        assert (status, code, last) == (StatusCode.UNAVAILABLE, "0", "stopped")
    finally:
        ask(engine, "rm", "--force", "--volumes", container)


{% endblock %}

{% block helpers %}
async def talk(port: int, engine: str, container: str) -> tuple[object, StatusCode]:
    """Ask on a stream, stop the container, and return the answer and how the stream ends."""

    async def asked() -> AsyncIterator[ForecastRequest]:
        yield ForecastRequest(message_id="m", seed=7, parcels=20)
        await asyncio.Event().wait()

    async with aio.insecure_channel(f"127.0.0.1:{port}") as channel, asyncio.timeout(120):
        await channel.channel_ready()
        stream = ForecastsStub(channel).Converse(asked())
        answer = await stream.read()
        await asyncio.to_thread(ask, engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)
        return answer, await stream.code()


{% endblock %}
