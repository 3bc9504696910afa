"""Works off the queue: some messages at once, each hidden and claimed as long as it is in hand, none lost by a stop.

Two things can end a task. ECS may stop it: it does so only between two stretches of work, when the task holds no
protection, or at a price that is bounded: what is not done a while after SIGTERM is given back, for another task to do.
Or it is killed: then the messages show up again by themselves.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forecast_orders import domain, message
from forecast_orders.message import RejectedError
from forecast_orders.results import Claim, LostClaimError

if TYPE_CHECKING:
    from forecast_orders.inbox import Inbox, Received
    from forecast_orders.protection import Protection
    from forecast_orders.results import Results
    from forecast_orders.telemetry import Counts

__all__ = ["HungError", "Limits", "Worker"]

logger = logging.getLogger(__name__)


class HungError(RuntimeError):
    """The work on a message takes so long that it is taken for hung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much, and for how long.

    Attributes:
        at_once: Messages that are worked on at the same time.
        poll_seconds: How long a receive waits for a message.
        keep_every_seconds: After how long a message in hand is hidden, and claimed, for as long again.
        message_seconds: After how long the work on one message counts as hanging.
        drain_seconds: How long after SIGTERM what is in hand may take, before it is given back.
        stretch_seconds: After how long the task lets ECS stop it, should it want to, before it takes more.
        pause_seconds: How long it gives ECS for that.
        retry_seconds: After how long a message that failed comes back; twice as long each time.
        longest_retry_seconds: And no longer than this.
    """

    at_once: int
    message_seconds: int
    drain_seconds: float
    keep_every_seconds: float
    poll_seconds: int = 20
    stretch_seconds: float = 300
    pause_seconds: float = 10
    retry_seconds: int = 10
    longest_retry_seconds: int = 900


@dataclass(slots=True, kw_only=True)
class InHand:
    """A message that is worked on."""

    received: Received
    forecast_id: str = ""
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    began: float = field(default_factory=time.monotonic)
    kept_at: float = field(default_factory=time.monotonic)


class Worker:
    """Takes messages until it is told to stop."""

    def __init__(self, inbox: Inbox, results: Results, protection: Protection, counts: Counts, limits: Limits) -> None:
        self._inbox = inbox
        self._results = results
        self._protection = protection
        self._counts = counts
        self._limits = limits
        self._lock = threading.Lock()
        self._in_hand: dict[str, InHand] = {}
        self._freed = threading.Event()
        self._protected_since: float | None = None

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop; what is then in hand is finished, or given back when that takes too long.

        Raises:
            HungError: The work on a message does not end. Everything in hand was given back.
        """
        try:
            while not stopping.is_set():
                self._look_after()
                self._take_or_wait(stopping)
            self._drain()
        finally:
            self._give_back_all()
            self._counts.write()

    def _take_or_wait(self, stopping: threading.Event) -> None:
        free = self._limits.at_once - len(self._hands())
        over = self._is_stretch_over()
        if free and not over:
            self._take(free, stopping)
        elif over and free == self._limits.at_once:
            self._let_go()
            stopping.wait(self._limits.pause_seconds)
        else:
            self._wait_for_a_hand()

    def _take(self, free: int, stopping: threading.Event) -> None:
        received = self._inbox.receive(at_most=min(free, 10), wait_seconds=self._limits.poll_seconds)
        if not received:
            if not self._hands():
                self._let_go()
            return
        if stopping.is_set() or not self._is_protected():
            for one in received:
                self._inbox.give_back(one)
            stopping.wait(self._limits.pause_seconds)
            return
        for one in received:
            hand = InHand(received=one)
            with self._lock:
                self._in_hand[hand.token] = hand
            # A thread that hangs must not keep the process, so it is a daemon.
            threading.Thread(target=self._work, args=(hand,), name=one.message_id, daemon=True).start()

    def _is_protected(self) -> bool:
        if self._protected_since is None and self._protection.hold():
            self._protected_since = time.monotonic()
        return self._protected_since is not None

    def _is_stretch_over(self) -> bool:
        since = self._protected_since
        return since is not None and time.monotonic() - since > self._limits.stretch_seconds

    def _let_go(self) -> None:
        if self._protected_since is not None:
            self._protection.let_go()
            self._protected_since = None

    def _hands(self) -> list[InHand]:
        with self._lock:
            return list(self._in_hand.values())

    def _wait_for_a_hand(self) -> None:
        self._freed.wait(min(1, self._limits.keep_every_seconds))
        self._freed.clear()

    def _look_after(self) -> None:
        """Keep what is in hand, and see that it gets on.

        Raises:
            HungError: The work on a message does not end.
        """
        now = time.monotonic()
        for hand in self._hands():
            if now - hand.began > self._limits.message_seconds:
                raise HungError(hand.received.message_id)
            if now - hand.kept_at > self._limits.keep_every_seconds:
                hand.kept_at = now
                self._keep(hand)
        self._counts.write_when_due()

    def _keep(self, hand: InHand) -> None:
        try:
            self._inbox.keep_hidden(hand.received)
            if hand.forecast_id:
                self._results.keep_up(hand.forecast_id, hand.token)
        except LostClaimError:
            logger.warning("claim lost", extra={"fields": {"message_id": hand.received.message_id}})
        except Exception:
            # Done this very moment, so that there is nothing to keep; or SQS does not answer, then next time again.
            logger.warning("not kept", exc_info=True, extra={"fields": {"message_id": hand.received.message_id}})

    def _drain(self) -> None:
        deadline = time.monotonic() + self._limits.drain_seconds
        while self._hands() and time.monotonic() < deadline:
            self._look_after()
            self._wait_for_a_hand()

    def _give_back_all(self) -> None:
        for hand in self._hands():
            fields = {"message_id": hand.received.message_id, "forecast_id": hand.forecast_id}
            logger.warning("given back", extra={"fields": fields})
            self._give_back(hand, after_seconds=0)

    def _give_back(self, hand: InHand, *, after_seconds: int) -> None:
        try:
            if hand.forecast_id:
                self._results.give_up(hand.forecast_id, hand.token)
            self._inbox.give_back(hand.received, after_seconds=after_seconds)
        except Exception:
            # It shows up again by itself, only later.
            logger.exception("not given back", extra={"fields": {"message_id": hand.received.message_id}})

    def _work(self, hand: InHand) -> None:
        received = hand.received
        fields: dict[str, object] = {"message_id": received.message_id, "times": received.times}
        try:
            outcome = self._do(hand)
        except RejectedError as rejection:
            fields |= {"reason": rejection.reason, "detail": str(rejection)}
            outcome = "rejected"
            # Trying again changes nothing, so it may go to the dead-letter queue without delay.
            self._give_back(hand, after_seconds=0)
        except LostClaimError:
            outcome = "claim lost"
        except Exception:
            logger.exception("failed", extra={"fields": fields})
            outcome = "failed"
            delay = self._limits.retry_seconds * 2 ** (received.times - 1)
            self._give_back(hand, after_seconds=min(delay, self._limits.longest_retry_seconds))
        seconds = time.monotonic() - hand.began
        if outcome != "failed":
            logger.info(outcome, extra={"fields": {**fields, "forecast_id": hand.forecast_id, "seconds": seconds}})
        self._counts.add(outcome, seconds)
        with self._lock:
            self._in_hand.pop(hand.token, None)
        self._freed.set()

    def _do(self, hand: InHand) -> str:
        """Do what a message asks for, and return what came of it.

        Raises:
            RejectedError: It asks for what cannot be done.
            LostClaimError: Somebody else does it.
        """
        order = message.read(hand.received.body)
        hand.forecast_id = order.forecast_id
        claim = self._results.claim(order, hand.token)
        if claim is Claim.OTHERS:
            # It was delivered twice, and the other one is at work: if that fails, it comes back itself.
            self._inbox.give_back(hand.received, after_seconds=self._limits.message_seconds)
            return "already at work"
        if claim is Claim.DONE:
            self._inbox.delete(hand.received)
            return "already done"
        # Here your service would do its work. What it does beside its result must be harmless when done again.
        tally = domain.tally(order.seed, range(order.parcels))
        self._results.finish(order.forecast_id, hand.token, tally)
        self._inbox.delete(hand.received)
        return "done"
