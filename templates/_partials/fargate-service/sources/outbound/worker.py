"""Works on what the feed says: each message once among all tasks, and none is passed over before it is settled.

Every task hears every message, so none is missed while one of them starts again; a claim says which of them works on
it. A task with its hands full claims nothing. It looks now and then what the others have settled, a hundred messages at
a time, so that more tasks do not mean as many claims more.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from {{ package_name }} import domain, message
from {{ package_name }}.message import RejectedError
from {{ package_name }}.results import LostClaimError, Whose

if TYPE_CHECKING:
    from collections.abc import Callable

    from {{ package_name }}.letters import Letters
    from {{ package_name }}.message import ForecastOrdered
    from {{ package_name }}.results import Claim, Results
    from {{ package_name }}.telemetry import Counts

__all__ = ["HangingError", "Limits", "Worker", "in_thread"]

logger = logging.getLogger("{{ package_name }}")

# What one look asks for, and how many messages one is chosen among: two tasks seldom choose the same.
LOOK_AT_ONCE, CHOSEN_AMONG = 100, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a task takes, and how long it waits.

    Attributes:
        at_once: Messages that are worked on at the same time.
        held: Messages that are not settled, or wait for one before them; then nothing more is read.
        message_seconds: After how long the work on one counts as hanging.
        keep_every_seconds: How often a claim is kept up.
        look_again_seconds: How often it is looked what the others have settled, while anything waits here.
        tries: How often a message is tried, by all tasks together.
        retry_seconds: How long it is left alone after the first failure; twice as long after each more.
    """

    at_once: int
    held: int
    message_seconds: float
    keep_every_seconds: float
    look_again_seconds: float = 1
    tries: int = 5
    retry_seconds: int = 10


class HangingError(RuntimeError):
    """The work on a message does not end."""


@dataclass(slots=True, kw_only=True, eq=False)
class Held:
    """A message that was heard.

    Attributes:
        order: What it asks for; None where it cannot be read.
        token: Whom a claim is for.
        since: When it was taken in hand; None while it is not.
        not_before: Until when it is another task's, by the clock that only goes forward.
        looked_at: When it was last looked at.
    """

    text: str
    sequence: int | None
    began: float
    order: ForecastOrdered | None = None
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    since: float | None = None
    not_before: float = 0
    looked_at: float = 0
    is_settled: bool = False

    @property
    def forecast_id(self) -> str:
        """What is claimed."""
        return self.order.forecast_id if self.order else ""


class Worker:
    """The messages of one task."""

    def __init__(
        self, results: Results, letters: Letters, counts: Counts, limits: Limits, *, reached: int | None = None
    ) -> None:
        self._results = results
        self._letters = letters
        self._counts = counts
        self._limits = limits
        self._free_hands = limits.at_once
        self._room = asyncio.Semaphore(limits.held)
        # All of them in the order of the feed, and those that nobody here works on.
        self._held: dict[str, Held] = {}
        self._waiting: dict[str, Held] = {}
        self._at_work: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._nothing_held = asyncio.Event()
        self._nothing_held.set()
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
        held = Held(text=text, sequence=message.sequence_of(text), began=time.monotonic())
        self._heard = _later(self._heard, held.sequence)
        self._held[held.token] = held
        self._nothing_held.clear()
        # What cannot be read has no order, and needs a hand to be put aside.
        with suppress(RejectedError):
            held.order = message.read(text)
        self._wait(held)

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
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self._nothing_held.wait()
        # Nothing is begun any more.
        self._waiting.clear()
        for held, _ in self._in_hand():
            fields = {"forecast_id": held.forecast_id, "sequence": held.sequence}
            logger.warning("given back", extra={"fields": fields})
            try:
                await in_thread(self._results.try_later, held.forecast_id, held.token, after_seconds=0)
            except Exception:
                # The claim ends by itself, only later.
                logger.exception("not given back", extra={"fields": fields})
        for task in (*self._at_work, *([self._looking] if self._looking else [])):
            task.cancel()

    def _in_hand(self) -> list[tuple[Held, float]]:
        """Return what is worked on, and since when."""
        return [(held, held.since) for held in self._held.values() if held.since is not None]

    def _wait(self, held: Held) -> None:
        self._waiting[held.token] = held
        self._fill_hands()
        if self._waiting and self._looking is None:
            self._looking = asyncio.create_task(self._look_around())

    def _fill_hands(self) -> None:
        while self._free_hands and (held := self._choose()) is not None:
            del self._waiting[held.token]
            self._free_hands -= 1
            held.since = time.monotonic()
            task = asyncio.create_task(self._take_in_hand(held))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    def _choose(self) -> Held | None:
        """Return one of the oldest that are nobody's; not the oldest, which every other task would choose too."""
        now = time.monotonic()
        free = (held for held in self._waiting.values() if held.not_before <= now)
        candidates = list(itertools.islice(free, CHOSEN_AMONG))
        return random.choice(candidates) if candidates else None  # noqa: S311  no secret hangs on it

    async def _take_in_hand(self, held: Held) -> None:
        fields: dict[str, object] = {"sequence": held.sequence, "forecast_id": held.forecast_id}
        try:
            outcome = await self._try(held, fields)
        finally:
            self._worked_seconds += time.monotonic() - (held.since or 0)
            held.since = None
            self._free_hands += 1
        if outcome is None:
            self._wait(held)
        else:
            self._settle(held, outcome, fields)
            self._fill_hands()

    async def _try(self, held: Held, fields: dict[str, object]) -> str | None:
        """Try to settle a message, and return what came of it; None when somebody has to try again."""
        try:
            return await in_thread(self._work, held)
        except RejectedError as rejection:
            fields |= {"reason": rejection.reason, "detail": str(rejection)}
            return await self._put_aside(held, str(rejection.reason))
        except LostClaimError:
            logger.warning("claim lost", extra={"fields": fields})
        except Exception:
            # AWS does not answer; it is not known whether anything was done.
            logger.exception("not settled", extra={"fields": fields})
            held.not_before = time.monotonic() + self._limits.look_again_seconds
        return None

    async def _look_around(self) -> None:
        """See now and then what other tasks have settled, and what they leave to others, while anything waits."""
        while self._waiting:
            await asyncio.sleep(self._limits.look_again_seconds)
            readable = (held for held in self._waiting.values() if held.order)
            some: dict[str, Held] = {}
            for held in sorted(readable, key=lambda held: held.looked_at)[:LOOK_AT_ONCE]:
                some.setdefault(held.forecast_id, held)
            orders = [held.order for held in some.values() if held.order]
            try:
                claims = await in_thread(self._results.look, orders) if orders else {}
            except Exception:
                logger.warning("not looked", exc_info=True)
                continue
            for name, held in some.items():
                # It may be in hand, or settled, by now.
                if held.token in self._waiting:
                    self._see(held, claims.get(name))
            self._fill_hands()
        self._looking = None

    def _see(self, held: Held, claim: Claim | None) -> None:
        held.looked_at = time.monotonic()
        if claim is not None and claim.whose is Whose.NOBODYS:
            del self._waiting[held.token]
            self._settle(held, "settled elsewhere", {"sequence": held.sequence, "forecast_id": held.forecast_id})
        else:
            held.not_before = _when(claim.until) if claim else 0

    def _settle(self, held: Held, outcome: str, fields: dict[str, object]) -> None:
        seconds = time.monotonic() - held.began
        logger.info(outcome, extra={"fields": {**fields, "seconds": seconds}})
        self._counts.add(outcome, seconds)
        held.is_settled = True
        # In the order of the feed: what was settled after one that is not yet waits for it.
        while self._held and (first := next(iter(self._held.values()))).is_settled:
            self._reached = _later(self._reached, first.sequence)
            del self._held[first.token]
            self._room.release()
        if not self._held:
            self._nothing_held.set()

    async def _put_aside(self, held: Held, reason: str) -> str | None:
        try:
            await in_thread(self._letters.write, held.text, reason)
        except Exception:
            logger.exception("not put aside", extra={"fields": {"sequence": held.sequence}})
            return None
        return "rejected"

    def _work(self, held: Held) -> str | None:
        """Claim a forecast and make it, in a thread: it may block or compute.

        Raises:
            RejectedError: It asks for what cannot be done.
            LostClaimError: Another task took it over.
        """
        order = held.order or message.read(held.text)
        claim = self._results.claim(order, held.token)
        if claim.whose is Whose.NOBODYS:
            return "settled elsewhere"
        if claim.whose is Whose.OTHERS:
            held.not_before = _when(claim.until)
            return None
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
            held.not_before = time.monotonic() + delay
            return None
        self._results.finish(order.forecast_id, held.token, tally)
        return "done"


def _when(until: int) -> float:
    """Return when a claim ends, by the clock that only goes forward: it is over once its last second is."""
    return time.monotonic() + max(0, until + 1 - time.time())


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
