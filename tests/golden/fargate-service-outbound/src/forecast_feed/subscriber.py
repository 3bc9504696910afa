"""One task: it listens to the feed, works on what it hears, and stops when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from forecast_feed.feed import Feed
from forecast_feed.health import serve_health
from forecast_feed.letters import Letters
from forecast_feed.positions import Positions
from forecast_feed.results import Results
from forecast_feed.telemetry import Counts
from forecast_feed.worker import Limits, Worker, in_thread

if TYPE_CHECKING:
    import threading

    from forecast_feed.settings import Settings

__all__ = ["run"]

logger = logging.getLogger("forecast_feed")

COUNT_SECONDS, KEEP_POSITION_SECONDS = 60, 15
CLAIM_SECONDS = 60


async def run(settings: Settings, stopping: threading.Event) -> None:
    """Listen and work until told to stop, then settle what was heard.

    Args:
        settings: What the task is told.
        stopping: Set when it was told to stop before it listens; from here on SIGTERM is heard here.

    Raises:
        HangingError: The work on a message does not end.
    """
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    if stopping.is_set():
        told.set()
    counts = Counts(settings.environment)
    patience = Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 4},
        max_pool_connections=2 * settings.at_once + 2,
    )
    dynamodb, sqs = boto3.client("dynamodb", config=patience), boto3.client("sqs", config=patience)
    positions = Positions(dynamodb, settings.positions_table)
    results = Results(
        dynamodb, settings.results_table, kept_seconds=settings.results_seconds, claim_seconds=CLAIM_SECONDS
    )
    limits = Limits(
        at_once=settings.at_once,
        held=settings.held_at_most,
        message_seconds=settings.message_seconds_at_most,
        # A third: once may fail before it is late. What hangs is seen then, too.
        keep_every_seconds=min(CLAIM_SECONDS / 3, settings.message_seconds_at_most / 2),
    )
    feed = Feed(
        settings.feed_url,
        counts,
        message_bytes_at_most=settings.message_bytes_at_most,
        silence_seconds=settings.silence_seconds,
    )
    questions = {
        "/alive": lambda: True,
        "/connected": lambda: feed.is_connected,
        "/started": lambda: feed.was_connected,
    }
    # For ECS, which asks inside the container: nobody outside can.
    async with await serve_health("127.0.0.1", settings.health_port, questions):
        reached = await in_thread(positions.read)
        worker = Worker(results, Letters(sqs, settings.dead_letters_url), counts, limits, reached=reached)
        listening = asyncio.create_task(feed.listen(lambda: worker.heard, worker.take))
        keeping = asyncio.create_task(_keep_position(positions, worker))
        counting = asyncio.create_task(_count(counts, feed, worker, settings.at_once))
        looking = asyncio.create_task(worker.look_after())
        telling = asyncio.create_task(told.wait())
        at_work = {listening, keeping, counting, looking}
        ended, _ = await asyncio.wait({telling, *at_work}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            # What ends by itself has failed.
            task.result()
        # First it hears no more; claims are kept up until what it has heard is settled.
        await _end(listening)
        logger.info("draining")
        await worker.drain(within_seconds=settings.drain_seconds)
        for task in (keeping, counting, looking, telling):
            await _end(task)
        if worker.reached is not None:
            await in_thread(positions.write, worker.reached)
        counts.write()


async def _keep_position(positions: Positions, worker: Worker) -> None:
    kept = worker.reached
    while True:
        await asyncio.sleep(KEEP_POSITION_SECONDS)
        reached = worker.reached
        if reached is not None and reached != kept:
            try:
                await in_thread(positions.write, reached)
            except Exception:
                # What is settled is settled: a task that starts at an older number finds that out again.
                logger.warning("position not kept", exc_info=True)
            else:
                kept = reached


async def _count(counts: Counts, feed: Feed, worker: Worker, at_once: int) -> None:
    connected, worked = feed.connected_seconds, worker.worked_seconds
    while True:
        await asyncio.sleep(COUNT_SECONDS)
        before = connected, worked
        connected, worked = feed.connected_seconds, worker.worked_seconds
        counts.write(
            connected_percent=min(100, 100 * (connected - before[0]) / COUNT_SECONDS),
            busy_percent=min(100, 100 * (worked - before[1]) / COUNT_SECONDS / at_once),
        )


async def _end(task: asyncio.Task[object]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
