"""Works on what the feed says: each message once among all tasks, and none is passed over before it is settled.

Every task hears every message, so none is missed while one of them starts again; a claim says which of them works on
it. Whoever does not have the claim looks again until the message is settled.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forecast_feed import domain, message
from forecast_feed.message import RejectedError
from forecast_feed.results import LostClaimError, Whose

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast_feed.letters import Letters
    from forecast_feed.message import ForecastOrdered
    from forecast_feed.results import Results
    from forecast_feed.telemetry import Counts

__all__ = ["HangingError", "Limits", "Worker", "in_thread"]

logger = logging.getLogger("forecast_feed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a task takes, and how long it waits.

    Attributes:
        at_once: Messages that are worked on at the same time.
        held: Messages that are not settled, or wait for one before them; then nothing more is read.
        message_seconds: After how long the work on one counts as hanging.
        keep_every_seconds: How often a claim is kept up.
        look_again_seconds: How often a message is looked at that another task works on.
        tries: How often a message is tried, by all tasks together.
        retry_seconds: How long it is left alone after the first failure; twice as long after each more.
    """

    at_once: int
    held: int
    message_seconds: float
    keep_every_seconds: float
    look_again_seconds: float = 5
    tries: int = 5
    retry_seconds: int = 10


class HangingError(RuntimeError):
    """The work on a message does not end."""


@dataclass(slots=True, kw_only=True, eq=False)
class Held:
    """A message that was heard.

    Attributes:
        token: Whom a claim is for.
        forecast_id: What is claimed, while it is worked on here.
        since: When that began; None while it is not in hand.
    """

    text: str
    sequence: int | None
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    forecast_id: str = ""
    since: float | None = None
    is_settled: bool = False


class Worker:
    """The messages of one task."""

    def __init__(
        self, results: Results, letters: Letters, counts: Counts, limits: Limits, *, reached: int | None = None
    ) -> None:
        self._results = results
        self._letters = letters
        self._counts = counts
        self._limits = limits
        self._hands = asyncio.Semaphore(limits.at_once)
        self._room = asyncio.Semaphore(limits.held)
        self._held: dict[str, Held] = {}
        self._settling: set[asyncio.Task[None]] = set()
        self._worked_seconds = 0.0
        self._heard = self._reached = reached

    @property
    def heard(self) -> int | None:
        """The last number in the feed that was heard."""
        return self._heard

    @property
    def reached(self) -> int | None:
        """The number in the feed up to which everything is settled."""
        return self._reached

    @property
    def worked_seconds(self) -> float:
        """For how long messages were in hand, in all."""
        now = time.monotonic()
        return self._worked_seconds + sum(now - since for _, since in self._in_hand())

    async def take(self, text: str) -> None:
        """Take a message; wait while there is no room for it."""
        await self._room.acquire()
        held = Held(text=text, sequence=message.sequence_of(text))
        self._heard = _later(self._heard, held.sequence)
        self._held[held.token] = held
        settling = asyncio.create_task(self._settle(held))
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)

    async def look_after(self) -> None:
        """Keep up the claims of what is in hand, until cancelled.

        Raises:
            HangingError: It is in hand for too long.
        """
        while True:
            await asyncio.sleep(self._limits.keep_every_seconds)
            for held, since in self._in_hand():
                if time.monotonic() - since > self._limits.message_seconds:
                    raise HangingError(held.forecast_id)
                try:
                    await in_thread(self._results.keep_up, held.forecast_id, held.token)
                except LostClaimError:
                    # It is settled this very moment, or another task took it over; then it finishes it.
                    continue
                except Exception:
                    logger.warning("not kept", exc_info=True, extra={"fields": {"forecast_id": held.forecast_id}})

    async def drain(self, *, within_seconds: float) -> None:
        """Settle what was taken, and give back what cannot be in time. Nothing may be taken any more."""
        if self._settling:
            await asyncio.wait(self._settling, timeout=within_seconds)
        for held, _ in self._in_hand():
            fields = {"forecast_id": held.forecast_id, "sequence": held.sequence}
            logger.warning("given back", extra={"fields": fields})
            try:
                await in_thread(self._results.try_later, held.forecast_id, held.token, after_seconds=0)
            except Exception:
                # The claim ends by itself, only later.
                logger.exception("not given back", extra={"fields": fields})
        for settling in self._settling:
            settling.cancel()

    def _in_hand(self) -> list[tuple[Held, float]]:
        """Return what is worked on, and since when."""
        return [(held, held.since) for held in self._held.values() if held.since is not None]

    async def _settle(self, held: Held) -> None:
        began = time.monotonic()
        fields: dict[str, object] = {"sequence": held.sequence}
        outcome = await self._look(held, fields)
        while outcome is None:
            await asyncio.sleep(self._limits.look_again_seconds)
            outcome = await self._look(held, fields)
        seconds = time.monotonic() - began
        logger.info(outcome, extra={"fields": {**fields, "seconds": seconds}})
        self._counts.add(outcome, seconds)
        held.is_settled = True
        # In the order of the feed: what was settled after one that is not yet waits for it.
        while self._held and (first := next(iter(self._held.values()))).is_settled:
            self._reached = _later(self._reached, first.sequence)
            del self._held[first.token]
            self._room.release()

    async def _look(self, held: Held, fields: dict[str, object]) -> str | None:
        """Try to settle a message, and return what came of it; None when somebody has to look again."""
        async with self._hands:
            try:
                order = message.read(held.text)
                fields["forecast_id"] = held.forecast_id = order.forecast_id
                held.since = time.monotonic()
                return await in_thread(self._work, order, held)
            except RejectedError as rejection:
                fields |= {"reason": rejection.reason, "detail": str(rejection)}
                return await self._put_aside(held, str(rejection.reason))
            except LostClaimError:
                logger.warning("claim lost", extra={"fields": fields})
                return None
            except Exception:
                # AWS does not answer; it is not known whether anything was done.
                logger.exception("not settled", extra={"fields": fields})
                return None
            finally:
                self._worked_seconds += 0 if held.since is None else time.monotonic() - held.since
                held.since = None

    async def _put_aside(self, held: Held, reason: str) -> str | None:
        try:
            await in_thread(self._letters.write, held.text, reason)
        except Exception:
            logger.exception("not put aside", extra={"fields": {"sequence": held.sequence}})
            return None
        return "rejected"

    def _work(self, order: ForecastOrdered, held: Held) -> str | None:
        """Claim a forecast and make it, in a thread: it may block or compute.

        Raises:
            RejectedError: It asks for what cannot be done.
            LostClaimError: Another task took it over.
        """
        claim = self._results.claim(order, held.token)
        if claim.whose is not Whose.OURS:
            return None if claim.whose is Whose.OTHERS else "settled elsewhere"
        if claim.tries > self._limits.tries:
            # Every try failed, or took its task with it.
            self._letters.write(held.text, "failed")
            self._results.give_up(order.forecast_id, held.token)
            return "given up"
        try:
            # Here your service would do its work. What it does beside its result must be harmless when done again.
            tally = domain.tally(order.seed, range(order.parcels))
        except Exception:
            logger.exception("failed", extra={"fields": {"forecast_id": order.forecast_id, "tries": claim.tries}})
            self._counts.add("failed")
            delay = self._limits.retry_seconds * 2 ** (claim.tries - 1)
            self._results.try_later(order.forecast_id, held.token, after_seconds=delay)
            return None
        self._results.finish(order.forecast_id, held.token, tally)
        return "done"


def _later(one: int | None, other: int | None) -> int | None:
    return max((number for number in (one, other) if number is not None), default=None)


async def in_thread[**Arguments, Result](
    call: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """Run what blocks in a thread of its own. One that hangs does not keep the process from its end."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Result] = loop.create_future()

    def tell(result: Result | None, error: BaseException | None) -> None:
        if ended.cancelled():
            return
        if error is None:
            ended.set_result(result)  # type: ignore[arg-type]  # without an error there is one
        else:
            ended.set_exception(error)

    def run() -> None:
        result, failure = None, None
        try:
            result = call(*arguments, **named)
        except Exception as error:  # noqa: BLE001  whoever waits gets it
            failure = error
        # Nobody waits any more when the process ends.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, result, failure)

    threading.Thread(target=run, name="work", daemon=True).start()
    return await ended
