"""The calls of one task: how many there may be, what each message gets, and how all of them end.

A stream has one message in hand at a time. While that is worked on, what its client sends next waits: first here, then
in the client's own network. So no client can make a task hold more than a few of its messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc

from {{ package_name }} import domain
from {{ package_name }}.protocol import forecasts_pb2_grpc
from {{ package_name }}.protocol.forecasts_pb2 import ForecastAnswer, ForecastRequest, Heartbeat, Refusal, Told

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from {{ package_name }}.telemetry import Counts

    Context = grpc.aio.ServicerContext[Any, Any]

__all__ = ["HEARTBEAT_SECONDS", "Calls", "problem_of"]

logger = logging.getLogger("{{ package_name }}")

# A load balancer breaks off a stream on which nobody speaks.
HEARTBEAT_SECONDS = 20
LINGER_SECONDS = 1
# A client whose service config retries waits for so long, or a crowd would come back at once.
COME_LATER = (("grpc-retry-pushback-ms", "5000"),)


class Calls(forecasts_pb2_grpc.ForecastsServicer):
    """Who calls, and who may."""

    def __init__(
        self,
        counts: Counts,
        *,
        at_most: int,
        at_once: int,
        answer_seconds_at_most: float,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._counts = counts
        self._at_most = at_most
        self._heartbeat_seconds = heartbeat_seconds
        self._answer_seconds_at_most = answer_seconds_at_most
        # Work computes; in threads of its own it leaves the event loop to calls and health checks.
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="work")
        # Of every open call, what tells it that its turn to end has come.
        self._turns: set[asyncio.Event] = set()
        self._is_deserted = asyncio.Event()
        self._is_deserted.set()
        self._is_ending = False
{% if decision.scale_to_zero.min_capacity == 0 %}
        self._deserted_at = time.monotonic()
{% endif %}

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._turns)

{% if decision.scale_to_zero.min_capacity == 0 %}
    @property
    def quiet_seconds(self) -> float:
        """Return for how long there has been no call; a task that ends has nothing to say about that."""
        return 0 if self._turns or self._is_ending else time.monotonic() - self._deserted_at

{% endif %}
    async def Forecast(self, request: ForecastRequest, context: Context) -> ForecastAnswer:
        """Answer one question."""
        async with self._held(context):
            if problem := problem_of(request):
                self._counts.add("rejected")
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, problem)
            return await self._answer(request, context)

    async def Converse(self, request_iterator: AsyncIterator[ForecastRequest], context: Context) -> AsyncIterator[Told]:
        """Answer questions until one side ends the stream."""
        async with self._held(context) as turn:
            ending = asyncio.create_task(turn.wait())
            coming = _next(request_iterator)
            try:
                while True:
                    expected: set[asyncio.Future[Any]] = {coming, ending}
                    await asyncio.wait(expected, timeout=self._heartbeat_seconds, return_when=asyncio.FIRST_COMPLETED)
                    if coming.done():
                        if (request := coming.result()) is None:
                            return
                        yield await self._told(request, context)
                        coming = _next(request_iterator)
                    elif not turn.is_set():
                        yield Told(heartbeat=Heartbeat())
                    # What was in hand has its answer; what was not yet read is asked again elsewhere.
                    if turn.is_set():
                        await context.abort(grpc.StatusCode.UNAVAILABLE, "the service moves, call again")
            finally:
                ending.cancel()
                coming.cancel()

    async def end(self, *, within_seconds: float) -> None:
        """Refuse new calls, let those that are open finish, and end streams after what they have in hand.

        Streams end one after the other, so that clients do not all come back to the other tasks at once.
        """
        self._is_ending = True
        turns = list(self._turns)
        logger.info("ending calls", extra={"fields": {"calls": len(turns)}})
        # Half of the time is for those whose turn comes last.
        pause = within_seconds / 2 / max(1, len(turns))
        for number, turn in enumerate(turns):
            asyncio.get_running_loop().call_later(number * pause, turn.set)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self._is_deserted.wait()
        # Who was about to call is refused here, by a status that is tried again; the end of the server would cancel it.
        await asyncio.sleep(LINGER_SECONDS)

    def close(self) -> None:
        """Let nothing begin any more; the process ends when what is at work is done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @contextlib.asynccontextmanager
    async def _held(self, context: Context) -> AsyncIterator[asyncio.Event]:
        """Count a call while it is open, and tell it when it is its turn to end; refuse one too many."""
        if self._is_ending or len(self._turns) >= self._at_most:
            self._counts.add("refused")
            if self._is_ending:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "the task ends, try again")
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "the task is full, try again", COME_LATER)
        turn = asyncio.Event()
        self._turns.add(turn)
        self._is_deserted.clear()
        try:
            yield turn
        except grpc.aio.AbortError:
            raise
        except Exception:
            # gRPC would tell the client what Python says of it.
            logger.exception("failed")
            self._counts.add("failed")
            await context.abort(grpc.StatusCode.INTERNAL, "the service failed")
        finally:
            self._turns.discard(turn)
            if not self._turns:
                self._is_deserted.set()
{% if decision.scale_to_zero.min_capacity == 0 %}
                self._deserted_at = time.monotonic()
{% endif %}

    async def _told(self, request: ForecastRequest, context: Context) -> Told:
        if problem := problem_of(request):
            self._counts.add("rejected")
            return Told(refusal=Refusal(message_id=request.message_id, detail=problem))
        return Told(answer=await self._answer(request, context))

    async def _answer(self, request: ForecastRequest, context: Context) -> ForecastAnswer:
        began = time.monotonic()
        loop = asyncio.get_running_loop()
        working = loop.run_in_executor(self._threads, domain.tally, request.seed, range(request.parcels))
        try:
            # A client's own deadline may be sooner: then gRPC cancels this, and what has not begun never does.
            async with asyncio.timeout(self._answer_seconds_at_most):
                tally = await working
        except TimeoutError:
            self._counts.add("late")
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the answer takes too long")
        self._counts.add("done", time.monotonic() - began)
        return ForecastAnswer(message_id=request.message_id, revenue_cents=tally.revenue_cents)


def problem_of(request: ForecastRequest) -> str:
    """Say why a question cannot be worked on; empty when it can. proto/forecasts.proto says the same to clients."""
    if not 1 <= len(request.message_id) <= 100:  # noqa: PLR2004  the bounds stand in the interface
        return "message_id: give 1 to 100 characters"
    if not 1 <= request.seed <= 1_000_000_000:  # noqa: PLR2004
        return "seed: give a number from 1 to 1,000,000,000"
    if not 1 <= request.parcels <= 10_000:  # noqa: PLR2004
        return "parcels: give a number from 1 to 10,000"
    return ""


def _next(requests: AsyncIterator[ForecastRequest]) -> asyncio.Future[ForecastRequest | None]:
    """Return the next message once it is there; nothing when the client has said everything."""
    return asyncio.ensure_future(anext(requests, None))
