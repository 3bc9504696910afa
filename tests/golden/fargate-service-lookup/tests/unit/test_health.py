"""Whoever asks for health gets an answer, and whoever asks oddly harms nobody."""

from __future__ import annotations

import asyncio

import pytest

from forecast_scale.health import serve_health

QUESTIONS = {"/alive": lambda: True, "/ready": lambda: False}


async def asked(request: bytes) -> bytes:
    server = await serve_health("127.0.0.1", 0, QUESTIONS)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(request)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
    return answer


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /alive HTTP/1.1", b"200"),
        (b"GET /ready HTTP/1.1", b"503"),
        (b"GET / HTTP/1.1", b"404"),
        (b"POST /alive HTTP/1.1", b"404"),
        (b"nonsense", b"404"),
    ],
)
def test_a_question_is_answered_by_its_status(request_line: bytes, status: bytes) -> None:
    answer = asyncio.run(asked(request_line + b"\r\nHost: me\r\n\r\n"))

    assert answer.split(b" ")[1] == status
    assert answer.endswith(b"Content-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize("request_text", [b"", b"GET /alive", b"x" * 100_000], ids=["nothing", "half", "too much"])
def test_what_is_no_question_gets_no_answer(request_text: bytes) -> None:
    assert asyncio.run(asked(request_text)) == b""
