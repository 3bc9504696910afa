"""What is deployed answers a client, through the load balancer and over TLS.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from pathlib import Path

import grpc

from forecast_calls import domain
from forecast_calls.protocol.forecasts_pb2 import ForecastAnswer, ForecastRequest
from forecast_calls.protocol.forecasts_pb2_grpc import ForecastsStub

SERVICE_CONFIG = Path(__file__).parents[2] / "proto" / "service_config.json"
QUESTION = ForecastRequest(message_id="deployed", seed=7, parcels=250)


def test_a_question_is_answered(outputs: dict[str, str]) -> None:
    place = outputs["LoadBalancerName"]
    name = os.environ.get("SERVICE_NAME") or certified_name(place)

    answer = asyncio.run(ask(place, name))

    expected = domain.tally(QUESTION.seed, range(QUESTION.parcels)).revenue_cents
    assert answer == ForecastAnswer(message_id="deployed", revenue_cents=expected)


def certified_name(place: str) -> str:
    """Return a name that the load balancer has a certificate for; its own is in none."""
    context = ssl.create_default_context()
    context.check_hostname = False
    with socket.create_connection((place, 443), timeout=60) as plain, context.wrap_socket(plain) as connection:
        names = (connection.getpeercert() or {}).get("subjectAltName", ())
    return str(names[0][1]).replace("*", "any")


async def ask(place: str, name: str) -> ForecastAnswer:
    """Ask the load balancer under the name of its certificate, with what clients are given."""
    options = [
        ("grpc.service_config", SERVICE_CONFIG.read_text(encoding="utf-8")),
        ("grpc.ssl_target_name_override", name),
    ]
    async with grpc.aio.secure_channel(f"{place}:443", grpc.ssl_channel_credentials(), options) as channel:
        return await ForecastsStub(channel).Forecast(QUESTION, timeout=60)
