"""Where a message begins and ends, however the network cuts the bytes."""

from __future__ import annotations

import asyncio

import pytest

from forecast_scale.frames import TooLargeError, TooSlowError, framed, read_frame


def read_all(*pieces: bytes, ends: bool = True, at_most: int = 100) -> list[bytes]:
    """Return what is read of bytes that come in pieces, up to the end."""

    async def read() -> list[bytes]:
        reader = asyncio.StreamReader()
        feeding = asyncio.create_task(feed(reader))
        bodies = []
        while (body := await read_frame(reader, at_most=at_most, silence_seconds=0.5, seconds=0.2)) is not None:
            bodies.append(body)
        await feeding
        return bodies

    async def feed(reader: asyncio.StreamReader) -> None:
        for piece in pieces:
            reader.feed_data(piece)
            await asyncio.sleep(0)
        if ends:
            reader.feed_eof()

    return asyncio.run(read())


def test_messages_are_read_however_they_are_cut() -> None:
    sent = framed(b"one") + framed(b"") + framed("zwölf".encode())

    whole, single = read_all(sent), read_all(*(bytes([byte]) for byte in sent))

    assert whole == single == [b"one", b"", "zwölf".encode()]


def test_what_is_too_large_is_not_read() -> None:
    assert read_all(framed(b"x" * 100)) == [b"x" * 100]
    with pytest.raises(TooLargeError, match="101 bytes are more than 100"):
        # Nothing of it comes: only its length is known.
        read_all(framed(b"x" * 101)[:4], ends=False)


@pytest.mark.parametrize("cut", [1, 3, 4, 6])
def test_a_message_that_ends_within_is_none(cut: int) -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        read_all(framed(b"abc")[:cut])


@pytest.mark.parametrize("cut", [1, 4, 6])
def test_a_message_that_is_begun_and_not_ended_is_too_slow(cut: int) -> None:
    with pytest.raises(TooSlowError):
        read_all(framed(b"abc")[:cut], ends=False)


def test_silence_is_not_waited_out_for_ever() -> None:
    with pytest.raises(TimeoutError) as silent:
        read_all(framed(b"abc"), ends=False)

    assert not isinstance(silent.value, TooSlowError)
