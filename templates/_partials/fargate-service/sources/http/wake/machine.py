"""When the service sleeps and when it wakes: a state machine that knows no AWS and has no clock.

{% if event_source == "lookup" %}
Clients find the tasks by a DNS record, which is the door: open it names the tasks that run, shut an address at which
nobody answers. Each look-up comes to the function that wakes the service. So the door is shut first and the tasks are
stopped later, and whoever knows an address still finds them there.
{% else %}
Requests come in by a door. While it is open API Gateway passes them on to the tasks; while it is shut every request
comes to the function that wakes the service and is asked to come back. So the door is shut first and the tasks are
stopped later, and a request in between finds them still there.
{% endif %}

Every event is a step: the state that follows, and at most one thing to do. Whoever does it comes back with what came of
it, which is the next event. The state is changed by comparing and setting, so of two steps at the same time one is
taken again, from what the other one left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
{% if event_source == "http" %}
from math import ceil
{% endif %}

__all__ = [
    "LIMITS",
    "Answered",
    "Demand",
    "Done",
    "Event",
    "Limits",
    "Look",
    "Phase",
    "State",
    "Step",
{% if event_source == "lookup" %}
    "TaskEnded",
{% endif %}
    "TaskFailed",
    "TaskRuns",
    "Todo",
{% if event_source == "http" %}
    "is_at_rest",
    "retry_after",
{% endif %}
    "step",
]


class Phase(StrEnum):
    """Where the service is between asleep and awake."""

    ASLEEP = "asleep"
    STARTING = "starting"
    AWAKE = "awake"
    # The door is shut again, and the tasks still run.
    DOZING = "dozing"
    STOPPING = "stopping"


class Todo(StrEnum):
    """What a step asks for. All of it does no harm when it is done twice."""

    START = "start"
    PROBE = "probe"
    OPEN = "open"
    SHUT = "shut"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that is remembered; times are seconds since 1970.

    Attributes:
        phase: Where the service is.
        since: Since when.
        wanted: Whether a request came while tasks were being stopped.
        probed_at: When somebody last asked whether the service answers.
        failed_tasks: Tasks that ended by themselves, one soon after the other.
        failed_at: When the last of them did.
        failed_starts: Starts in a row that came to nothing.
        not_before: No request starts a task before that time.
    """

    phase: Phase = Phase.ASLEEP
    since: float = 0
    wanted: bool = False
    probed_at: float = 0
    failed_tasks: int = 0
    failed_at: float = 0
    failed_starts: int = 0
    not_before: float = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """{{ "The name was looked up" if event_source == "lookup" else "A request found the door shut" }}."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked, as every few minutes: how many tasks are wanted, and whether nothing was asked for a while."""

    count: int
    idle: bool


@dataclass(frozen=True, slots=True)
class TaskRuns:
    """A task has begun to run; it may not answer yet."""


{% if event_source == "lookup" %}
@dataclass(frozen=True, slots=True)
class TaskEnded:
    """A task was told to end, or has ended as it was told."""


{% endif %}
@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A task ended and nobody had told it to."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a probe."""

    well: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What a step asked for is done.

    Attributes:
        todo: What was done.
        since: The `since` of the state that asked for it, by which one that comes late is known.
    """

    todo: Todo
    since: float


type Event = Demand | Look | TaskRuns | {{ "TaskEnded | " if event_source == "lookup" else "" }}TaskFailed | Answered | Done


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The state after an event, and what is to be done."""

    state: State
    todo: Todo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each thing may take, in seconds.

    Attributes:
{% if event_source == "http" %}
        answers_after: What a start usually takes.
{% endif %}
        probe_every: Probes are no closer than this.
        start_again: After how long without a task wanted a start counts as lost, and with one a stop.
        start_at_most: After how long without an answer a start has failed.{{ "" if event_source == "lookup" else " A VPC link that was inactive takes minutes." }}
        failed_tasks: After how many tasks that end by themselves it has failed too.
        cool_down: How long nothing is started after a failure; twice as long after each further one.
        longest_cool_down: But never longer than this.
        awake_at_least: How long it stays awake once it is.
        doze_at_least: How long the door is shut before tasks are stopped; requests at work end meanwhile.
        stop_at_most: After how long somebody else may go on with a stop. It is longer than the function may run.
{% if event_source == "http" %}
        asleep_at_most: After how long it wakes by itself, because a VPC link without traffic for 60 days goes inactive.
{% endif %}
    """

{% if event_source == "http" %}
    answers_after: float = 45
{% endif %}
    probe_every: float = 2
    start_again: float = 60
    start_at_most: float = 600
    failed_tasks: int = 3
    cool_down: float = 300
    longest_cool_down: float = 3_600
    awake_at_least: float = 600
    doze_at_least: float = 60
    stop_at_most: float = 60
{% if event_source == "http" %}
    asleep_at_most: float = 30 * 86_400
{% endif %}


LIMITS = Limits()


def step(state: State, event: Event, now: float, limits: Limits = LIMITS) -> Step:
    """Return what follows from an event.

    Args:
        state: What is remembered.
        event: What happened.
        now: When it happened.
        limits: How long each thing may take.
    """
    match event:
        case Demand():
            return _demand(state, now, limits)
        case Look():
            return _look(state, event, now, limits)
        case TaskRuns() if state.phase is Phase.STARTING:
            return _go_on_starting(state, now, limits)
{% if event_source == "lookup" %}
        case TaskRuns() | TaskEnded() if state.phase is Phase.AWAKE:
            # The record names who runs now.
            return Step(state=state, todo=Todo.OPEN)
{% endif %}
        case TaskFailed() if state.phase in {Phase.STARTING, Phase.AWAKE, Phase.DOZING}:
            return _task_failed(state, now, limits)
        case Answered(well=True) if state.phase in {Phase.STARTING, Phase.AWAKE}:
            return _wake_up(state, now)
        case Done():
            return _done(state, event, now)
    return Step(state=state)


{% if event_source == "http" %}
def retry_after(state: State, now: float, limits: Limits = LIMITS) -> int:
    """Return after how many seconds whoever found the door shut should come back."""
    if state.phase in {Phase.AWAKE, Phase.DOZING}:
        return 1
    if now < state.not_before:
        return ceil(state.not_before - now)
    waited = now - state.since if state.phase is Phase.STARTING else 0
    return ceil(max(limits.probe_every, limits.answers_after - waited))


def is_at_rest(state: State, now: float) -> bool:
    """Tell whether starts have failed and nothing is started for a while."""
    return state.phase in {Phase.ASLEEP, Phase.STOPPING} and now < state.not_before


{% endif %}
def _demand(state: State, now: float, limits: Limits) -> Step:
    match state.phase:
        case Phase.ASLEEP if now >= state.not_before:
            return _start(state, now)
        case Phase.STARTING:
            return _go_on_starting(state, now, limits)
{% if event_source == "http" %}
        case Phase.AWAKE:
            # The door is shut all the same: a deployment did that, or it is not open everywhere yet.
            return _probe(state, now, limits)
{% endif %}
        case Phase.DOZING:
            return Step(state=replace(state, phase=Phase.AWAKE, since=now), todo=Todo.OPEN)
        case Phase.STOPPING:
            wanted = state.wanted or now >= state.not_before
            return _go_on_stopping(replace(state, wanted=wanted), now, limits)
    return Step(state=state)


def _look(state: State, look: Look, now: float, limits: Limits) -> Step:
    lasted = now - state.since
    match state.phase:
        case Phase.ASLEEP if look.count and lasted >= limits.start_again:
            # The first deployment has started a task, or a person has; it is none of those that were just stopped.
            return _go_on_starting(replace(state, phase=Phase.STARTING, since=now), now, limits)
{% if event_source == "http" %}
        case Phase.ASLEEP if lasted >= limits.asleep_at_most and now >= state.not_before:
            return _start(state, now)
{% endif %}
        case Phase.STARTING if not look.count and limits.start_again <= lasted < limits.start_at_most:
            return Step(state=state, todo=Todo.START)
        case Phase.STARTING:
            return _go_on_starting(state, now, limits)
        case Phase.AWAKE if not look.count or (look.idle and lasted >= limits.awake_at_least):
            return Step(state=replace(state, phase=Phase.DOZING, since=now), todo=Todo.SHUT)
{% if event_source == "lookup" %}
        case Phase.AWAKE:
            # News of a task that got lost is made up for.
            return Step(state=state, todo=Todo.OPEN)
{% endif %}
        case Phase.DOZING if not look.idle and look.count:
            return Step(state=replace(state, phase=Phase.AWAKE, since=now), todo=Todo.OPEN)
        case Phase.DOZING if lasted >= limits.doze_at_least:
            return _stop(state, now)
        case Phase.STOPPING:
            return _go_on_stopping(state, now, limits)
    return Step(state=state)


def _start(state: State, now: float) -> Step:
    begun = replace(state, phase=Phase.STARTING, since=now, wanted=False, failed_tasks=0)
    return Step(state=begun, todo=Todo.START)


def _go_on_starting(state: State, now: float, limits: Limits) -> Step:
    return _give_up(state, now, limits) if now - state.since >= limits.start_at_most else _probe(state, now, limits)


def _probe(state: State, now: float, limits: Limits) -> Step:
    if now - state.probed_at < limits.probe_every:
        return Step(state=state)
    return Step(state=replace(state, probed_at=now), todo=Todo.PROBE)


def _wake_up(state: State, now: float) -> Step:
    since = state.since if state.phase is Phase.AWAKE else now
    awake = replace(state, phase=Phase.AWAKE, since=since, failed_tasks=0, failed_starts=0, not_before=0)
    return Step(state=awake, todo=Todo.OPEN)


def _task_failed(state: State, now: float, limits: Limits) -> Step:
    in_a_row = 1 + (state.failed_tasks if now - state.failed_at < limits.start_at_most else 0)
    failed = replace(state, failed_tasks=in_a_row, failed_at=now)
{% if event_source == "lookup" %}
    if in_a_row >= limits.failed_tasks:
        return _give_up(failed, now, limits)
    return Step(state=failed, todo=Todo.OPEN if state.phase is Phase.AWAKE else None)
{% else %}
    return _give_up(failed, now, limits) if in_a_row >= limits.failed_tasks else Step(state=failed)
{% endif %}


def _give_up(state: State, now: float, limits: Limits) -> Step:
    """Stop what does not start, or does not keep running: it would be started again and again, and billed."""
    cool_down = min(limits.longest_cool_down, limits.cool_down * 2 ** min(state.failed_starts, 10))
    return _stop(replace(state, failed_starts=state.failed_starts + 1, not_before=now + cool_down), now)


def _stop(state: State, now: float) -> Step:
    stopping = replace(state, phase=Phase.STOPPING, since=now, wanted=False, failed_tasks=0)
    return Step(state=stopping, todo=Todo.SHUT)


def _go_on_stopping(state: State, now: float, limits: Limits) -> Step:
    if now - state.since < limits.stop_at_most:
        return Step(state=state)
    # Whoever was at it has died.
    return Step(state=replace(state, since=now), todo=Todo.SHUT)


def _done(state: State, done: Done, now: float) -> Step:
    match done.todo, state.phase:
        case Todo.OPEN, phase if phase is not Phase.AWAKE:
            # It came late, and nobody would be behind the door.
            return Step(state=state, todo=Todo.SHUT)
        case Todo.SHUT, Phase.AWAKE:
            return Step(state=state, todo=Todo.OPEN)
        case Todo.SHUT, Phase.STOPPING if done.since == state.since:
            return Step(state=state, todo=Todo.STOP)
        case Todo.STOP, Phase.STOPPING if done.since == state.since:
            return _start(state, now) if state.wanted else Step(state=replace(state, phase=Phase.ASLEEP, since=now))
    return Step(state=state)
