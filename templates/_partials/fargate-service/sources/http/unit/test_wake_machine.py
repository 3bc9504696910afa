"""What puts the service to sleep and wakes it: step by step, then against all that may happen at the same time."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wake.machine import (
    LIMITS,
    Answered,
    Demand,
    Done,
    Event,
    Look,
    Phase,
    State,
    Step,
{% if event_source == "lookup" %}
    TaskEnded,
{% endif %}
    TaskFailed,
    TaskRuns,
    Todo,
{% if event_source == "http" %}
    retry_after,
{% endif %}
    step,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = 1_000_000.0


def state(phase: Phase, lasted: float = 0, *, failed_starts: int = 0, not_before: float = 0) -> State:
    return State(phase=phase, since=NOW - lasted, failed_starts=failed_starts, not_before=not_before)


@pytest.mark.parametrize(
    ("before", "event", "phase", "todo"),
    [
        pytest.param(State(), Demand(), Phase.STARTING, Todo.START, id="{{ "a look-up" if event_source == "lookup" else "a request" }} wakes"),
        pytest.param(state(Phase.STARTING, 1), Demand(), Phase.STARTING, Todo.PROBE, id="the next one starts nothing"),
        pytest.param(state(Phase.STARTING, 9), TaskRuns(), Phase.STARTING, Todo.PROBE, id="a task is asked first"),
        pytest.param(state(Phase.STARTING, 9), Answered(well=False), Phase.STARTING, None, id="the door stays shut"),
        pytest.param(state(Phase.STARTING, 9), Answered(well=True), Phase.AWAKE, Todo.OPEN, id="until it answers"),
        pytest.param(state(Phase.STARTING, 90), Look(0, idle=False), Phase.STARTING, Todo.START, id="a lost start"),
        pytest.param(state(Phase.STARTING, 601), Demand(), Phase.STOPPING, Todo.SHUT, id="no answer for ten minutes"),
        pytest.param(state(Phase.AWAKE, 601), Look(1, idle=True), Phase.DOZING, Todo.SHUT, id="idle"),
{% if event_source == "lookup" %}
        pytest.param(state(Phase.AWAKE, 599), Look(1, idle=True), Phase.AWAKE, Todo.OPEN, id="awake for too short"),
{% else %}
        pytest.param(state(Phase.AWAKE, 599), Look(1, idle=True), Phase.AWAKE, None, id="awake for too short a time"),
{% endif %}
        pytest.param(state(Phase.AWAKE, 9), Look(0, idle=False), Phase.DOZING, Todo.SHUT, id="stopped by a person"),
{% if event_source == "lookup" %}
        pytest.param(state(Phase.AWAKE, 9), Demand(), Phase.AWAKE, None, id="looked up while awake"),
        pytest.param(state(Phase.AWAKE, 9), TaskRuns(), Phase.AWAKE, Todo.OPEN, id="one more to name"),
        pytest.param(state(Phase.AWAKE, 9), TaskEnded(), Phase.AWAKE, Todo.OPEN, id="one less to name"),
        pytest.param(state(Phase.AWAKE, 9), TaskFailed(), Phase.AWAKE, Todo.OPEN, id="one that broke down"),
        pytest.param(state(Phase.AWAKE, 9), Look(1, idle=False), Phase.AWAKE, Todo.OPEN, id="news that got lost"),
        pytest.param(state(Phase.DOZING, 9), TaskEnded(), Phase.DOZING, None, id="nobody is named while it dozes"),
{% else %}
        pytest.param(state(Phase.AWAKE, 9), Demand(), Phase.AWAKE, Todo.PROBE, id="shut by a deployment"),
{% endif %}
        pytest.param(state(Phase.AWAKE, 9), Answered(well=True), Phase.AWAKE, Todo.OPEN, id="and opened again"),
        pytest.param(state(Phase.DOZING, 9), Demand(), Phase.AWAKE, Todo.OPEN, id="a request while it dozes off"),
        pytest.param(state(Phase.DOZING, 300), Look(2, idle=False), Phase.AWAKE, Todo.OPEN, id="a request seen late"),
        pytest.param(state(Phase.DOZING, 300), Look(1, idle=True), Phase.STOPPING, Todo.SHUT, id="still idle"),
        pytest.param(state(Phase.DOZING, 9), Look(1, idle=True), Phase.DOZING, None, id="requests may be at work"),
        pytest.param(state(Phase.STOPPING, 9), Look(1, idle=True), Phase.STOPPING, None, id="somebody stops it"),
        pytest.param(state(Phase.STOPPING, 61), Look(1, idle=True), Phase.STOPPING, Todo.SHUT, id="and died over it"),
        pytest.param(State(), Look(1, idle=False), Phase.STARTING, Todo.PROBE, id="started by a deployment"),
        pytest.param(state(Phase.ASLEEP, 9), Look(1, idle=False), Phase.ASLEEP, None, id="seen before it was stopped"),
        pytest.param(State(), TaskRuns(), Phase.ASLEEP, None, id="news that come late"),
        pytest.param(State(), Answered(well=True), Phase.ASLEEP, None, id="an answer that comes late"),
{% if event_source == "http" %}
        pytest.param(state(Phase.ASLEEP, 30 * 86_400), Look(0, idle=False), Phase.STARTING, Todo.START, id="a month"),
{% endif %}
    ],
)
def test_a_step(before: State, event: Event, phase: Phase, todo: Todo | None) -> None:
    taken = step(before, event, NOW)

    assert (taken.state.phase, taken.todo) == (phase, todo)


def test_a_request_while_tasks_are_stopped_wins() -> None:
    stopping = state(Phase.STOPPING, 1)

    wanted = step(stopping, Demand(), NOW).state
    ended = step(wanted, Done(Todo.STOP, stopping.since), NOW + 1)

    assert (ended.state.phase, ended.todo) == (Phase.STARTING, Todo.START)


def test_what_is_done_late_stops_nothing() -> None:
    stopping = state(Phase.STOPPING, 1)

    taken = step(stopping, Done(Todo.SHUT, stopping.since - 500), NOW)

    assert taken == Step(state=stopping)


@pytest.mark.parametrize("phase", [Phase.ASLEEP, Phase.STARTING, Phase.DOZING, Phase.STOPPING])
def test_a_door_that_is_opened_late_is_shut_again(phase: Phase) -> None:
    assert step(state(phase, 5), Done(Todo.OPEN, NOW - 30), NOW).todo is Todo.SHUT


def test_a_door_that_is_shut_late_is_opened_again() -> None:
    assert step(state(Phase.AWAKE, 5), Done(Todo.SHUT, NOW - 30), NOW).todo is Todo.OPEN


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.AWAKE, Phase.DOZING])
def test_three_tasks_that_end_by_themselves_are_enough(phase: Phase) -> None:
    now, taken = NOW, Step(state=state(phase, 60))
    for _ in range(LIMITS.failed_tasks):
        now += 30
        taken = step(taken.state, TaskFailed(), now)

    assert (taken.state.phase, taken.state.failed_starts) == (Phase.STOPPING, 1)
    assert taken.state.not_before == now + LIMITS.cool_down


def test_tasks_that_end_now_and_then_are_no_failed_start() -> None:
    taken = Step(state=state(Phase.AWAKE, 60))
    for number in range(9):
        taken = step(taken.state, TaskFailed(), NOW + number * LIMITS.start_at_most)

    assert taken.state.phase is Phase.AWAKE


def test_each_failed_start_is_waited_for_twice_as_long_up_to_an_hour() -> None:
    waits, failing = [], State()
    for _ in range(2_000):
        begun = step(failing, Demand(), failing.not_before + 1).state
        assert begun.phase is Phase.STARTING
        given_up = step(begun, Demand(), begun.since + LIMITS.start_at_most).state
        waits.append(given_up.not_before - begun.since - LIMITS.start_at_most)
        assert step(given_up, Demand(), given_up.since + 1).state.wanted is False
        failing = step(given_up, Done(Todo.STOP, given_up.since), given_up.since + 2).state
        assert step(failing, Demand(), failing.not_before - 1) == Step(state=failing)

    assert waits[:5] == [300, 600, 1_200, 2_400, 3_600]
    assert max(waits) == LIMITS.longest_cool_down


def test_an_answer_makes_up_for_failed_starts() -> None:
    failed = state(Phase.STARTING, 9, failed_starts=3, not_before=NOW - 10)

    awake = step(failed, Answered(well=True), NOW).state

    assert (awake.failed_starts, awake.not_before) == (0, 0)


{% if event_source == "http" %}
@pytest.mark.parametrize(
    ("refusing", "seconds"),
    [
        (state(Phase.STARTING, 0), 45),
        (state(Phase.STARTING, 40), 5),
        (state(Phase.STARTING, 400), 2),
        (state(Phase.STOPPING, 3), 45),
        (state(Phase.ASLEEP, 3, not_before=NOW + 299.5), 300),
        (state(Phase.AWAKE, 3), 1),
    ],
)
def test_a_caller_is_told_when_to_come_back(refusing: State, seconds: int) -> None:
    assert retry_after(refusing, NOW) == seconds


{% endif %}
# From here on: a world in which everything takes its time, is delivered twice, and dies in the middle.

LOOKS_EVERY = 300.0
IDLE_SECONDS = 600.0
LAMBDA_TIMEOUT = 30.0
{% if event_source == "lookup" %}
FOR_EVER = float("inf")
{% endif %}
# After the last request: until it counts as idle, until somebody looks twice, and until somebody notices a death.
SLEEPS_WITHIN = IDLE_SECONDS + LIMITS.awake_at_least + 5 * LOOKS_EVERY
# A start; longer where its caller died and only the next look notices.
ANSWERS_WITHIN = 600.0 + 2 * LOOKS_EVERY


@dataclass
class Task:
    """One task of the service, which runs after a while and then is ready or not."""

    ready_at: float
    stops_at: float = {{ "FOR_EVER" if event_source == "lookup" else 'float("inf")' }}


@dataclass
class World:
    """ECS, {{ "Route 53" if event_source == "lookup" else "API Gateway" }}, the table and the functions that run at the same time."""

    chance: random.Random
    broken: tuple[float, float]
    deadly: float
    now: float = 0.0
    state: State = field(default_factory=State)
    number: int = 0
    count: int = 0
{% if event_source == "lookup" %}
    named: list[Task] = field(default_factory=list)
{% else %}
    is_open: bool = False
{% endif %}
    tasks: list[Task] = field(default_factory=list)
    last_served: float = -1e9
    raised: list[float] = field(default_factory=list)
    lowered: list[float] = field(default_factory=list)
    billed_from: float | None = None
    billed: list[tuple[float, float]] = field(default_factory=list)
    agenda: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=itertools.count)

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self.agenda, (self.now + seconds, next(self.order), happens))

    def run(self, until: float) -> None:
        while self.agenda and self.agenda[0][0] <= until:
            self.now, _, happens = heapq.heappop(self.agenda)
            happens()
        self.now = until

    def tell(self, event: Event) -> None:
        """Start a function on an event."""
        self._continue(self._invocation(event), self.now + LAMBDA_TIMEOUT)

    def _continue(self, invocation: Iterator[float], killed_at: float) -> None:
        if self.chance.random() < self.deadly:
            return
        seconds = next(invocation, None)
        if seconds is not None and self.now + seconds < killed_at:
            self.after(seconds, lambda: self._continue(invocation, killed_at))

    def _invocation(self, event: Event) -> Iterator[float]:
        """Take the steps of an event as handler.py does, with a pause wherever another one may come in between."""
        pending: Event | None = event
        while pending is not None:
            read, number = self.state, self.number
            yield self._moment()
            taken = step(read, pending, self.now)
            if taken.state != read:
                if self.number != number:
                    continue
                self.state, self.number = taken.state, number + 1
            pending = None
            if taken.todo is not None:
                yield self._moment()
                # A task that has just begun to run is asked for some seconds.
                for _ in range(9 if taken.todo is Todo.PROBE and isinstance(event, TaskRuns) else 0):
                    if not self.is_ready():
                        yield 2.0
                pending = self._do(taken.todo, taken.state)

    def _moment(self) -> float:
        return self.chance.choice([0.01, 0.05, 0.2, 1.0, 6.0])

    def _do(self, todo: Todo, asked_by: State) -> Event:
        match todo:
            case Todo.PROBE:
                return Answered(well=self.is_ready())
            case Todo.START:
                if self.count == 0:
                    self.raised.append(self.now)
                    self.want(1)
            case Todo.STOP:
                if self.count:
                    self.lowered.append(self.now)
                self.want(0)
            case Todo.OPEN:
{% if event_source == "lookup" %}
                self.named = [one for one in self.tasks if one.ready_at - 5 <= self.now and one.stops_at == FOR_EVER]
{% else %}
                self.is_open = True
{% endif %}
{% if event_source == "lookup" %}
            case Todo.SHUT:
                self.named = []
{% else %}
            case Todo.SHUT:
                self.is_open = False
{% endif %}
        return Done(todo, asked_by.since)

    def want(self, count: int) -> None:
        self.count = count
        if count and self.billed_from is None:
            self.billed_from = self.now
            self._start_task()
        if not count:
            for task in self.tasks:
                task.stops_at = min(task.stops_at, self.now + 5)
            if self.billed_from is not None:
                self.billed.append((self.billed_from, self.now))
                self.billed_from = None

    def _start_task(self) -> None:
        takes = self.chance.uniform(15, 50)
        if self.broken[0] <= self.now < self.broken[1]:
            self.after(takes, self._fail_task)
            return
        self.tasks.append(Task(self.now + takes + 5))
        self.after(takes, lambda: self.tell(TaskRuns()))

    def _fail_task(self) -> None:
        if self.count:
            self.tell(TaskFailed())
            # ECS does not give up by itself.
            self._start_task()

    def deploy(self) -> None:
{% if event_source == "lookup" %}
        """Replace the tasks; the record is as it was until somebody hears of it."""
{% else %}
        """Replace the tasks, and set the door as the template has it."""
        self.is_open = False
{% endif %}
        if self.count:
            for task in self.tasks:
                task.stops_at = min(task.stops_at, self.now + 90)
            self.tasks.append(Task(self.now + 40))
{% if event_source == "lookup" %}
            self.after(0, lambda: self.tell(TaskEnded()))
            self.after(36, lambda: self.tell(TaskRuns()))
{% endif %}

    def is_ready(self) -> bool:
        return any(task.ready_at <= self.now < task.stops_at for task in self.tasks)

    def look(self) -> None:
        # CloudWatch knows of a request a minute later.
        self.tell(Look(self.count, idle=self.now - 60 - self.last_served > IDLE_SECONDS - 60))
        if self.chance.random() < 0.2:
            self.tell(Look(self.count, idle=self.now - self.last_served > IDLE_SECONDS))
        self.after(LOOKS_EVERY, self.look)

    def request(self, patience: float, answered: list[tuple[float, float]], began: float | None = None) -> None:
        """Send a request, again and again until it is answered or its sender loses patience."""
        began = self.now if began is None else began
{% if event_source == "lookup" %}
        if any(one.ready_at <= self.now < one.stops_at for one in self.named):
{% else %}
        if self.is_open and self.is_ready():
{% endif %}
            self.last_served = self.now
            answered.append((began, self.now))
        elif self.now - began < patience:
{% if event_source == "lookup" %}
            self.tell(Demand())
{% else %}
            if not self.is_open:
                self.tell(Demand())
{% endif %}
            self.after(self.chance.uniform(5, 45), lambda: self.request(patience, answered, began))


times = st.floats(0, 20_000)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    requests=st.lists(times, max_size=40),
    deployments=st.lists(times, max_size=4),
    broken=st.one_of(st.just((0.0, 0.0)), st.tuples(times, st.floats(0, 9_000)).map(lambda t: (t[0], t[0] + t[1]))),
    deadly=st.sampled_from([0.0, 0.0, 0.02, 0.1]),
)
def test_whatever_happens_it_wakes_sleeps_and_does_not_flap(
    seed: int, requests: list[float], deployments: list[float], broken: tuple[float, float], deadly: float
) -> None:
    world = World(random.Random(seed), broken, deadly)
    answered: list[tuple[float, float]] = []
    patience = 30_000.0
    world.after(world.chance.uniform(0, LOOKS_EVERY), world.look)
    for at in requests:
        # Some come at the very same moment.
        for _ in range(world.chance.choice([1, 1, 5])):
            world.after(at, lambda: world.request(patience, answered))
    for at in deployments:
        world.after(at, world.deploy)

    world.run(60_000)

    # It never stays asleep while somebody asks: each request is answered, as soon as it may be.
    assert len(answered) >= len(requests)
    for began, ended in answered:
        # The rest after the last failed start may outlast what was broken.
        rested = broken[1] + LIMITS.longest_cool_down + LIMITS.start_at_most
        blocked_until = max(began, rested) if broken[0] - LIMITS.start_at_most <= began <= rested else began
        assert ended - blocked_until <= ANSWERS_WITHIN + (6 * LOOKS_EVERY if deadly else 0), (began, ended)
    # It never stays awake when nobody does.
    assert world.count == 0
{% if event_source == "lookup" %}
    assert not world.named
{% else %}
    assert not world.is_open
{% endif %}
    last = max([*(ended for _, ended in answered), *deployments, 0.0])
    assert all(until <= last + SLEEPS_WITHIN + (6 * LOOKS_EVERY if deadly else 0) for _, until in world.billed)
    # It never flaps: between two starts lies a time awake, or the rest after a failed start.
    least = min(LIMITS.awake_at_least, LIMITS.cool_down)
    gaps = [later - earlier for earlier, later in itertools.pairwise(world.raised)]
    assert all(gap >= least for gap in gaps), gaps
    # A start that fails is not tried for ever: what is billed of it ends, and rests at least as long.
    assert len(world.raised) <= 1 + 60_000 / least


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), callers=st.integers(2, 60))
def test_requests_at_the_same_moment_raise_the_count_once(seed: int, callers: int) -> None:
    world = World(random.Random(seed), (0.0, 0.0), 0.0)
    answered: list[tuple[float, float]] = []
    for _ in range(callers):
        world.after(world.chance.uniform(0, 2), lambda: world.request(500, answered))

    world.run(500)

    assert len(world.raised) == 1
    assert len(answered) == callers


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), at=st.floats(0, 40))
def test_a_request_while_it_is_put_to_sleep_wins(seed: int, at: float) -> None:
    world = World(random.Random(seed), (0.0, 0.0), 0.0)
    answered: list[tuple[float, float]] = []
    world.want(1)
{% if event_source == "lookup" %}
    world.state = replace(State(), phase=Phase.AWAKE, since=-1_000.0)
    world.run(100)
    assert world.named
{% else %}
    world.is_open, world.state = True, replace(State(), phase=Phase.AWAKE, since=-1_000.0)
    world.run(100)
{% endif %}
    world.tell(Look(1, idle=True))
    world.run(300)
    world.tell(Look(1, idle=True))
    world.after(at, lambda: world.request(1_000, answered))
    world.after(LOOKS_EVERY, world.look)

    world.run(1_000)

    assert len(answered) == 1
    assert world.count == 1


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_a_service_that_never_starts_rests_most_of_the_time(seed: int) -> None:
    world = World(random.Random(seed), (0.0, 1e9), 0.0)
    world.after(0, world.look)
    world.after(0, lambda: world.request(40_000, []))

    world.run(40_000)

    billed = sum(until - begin for begin, until in world.billed)
    # Three tasks of a minute each, then at least five minutes of nothing, later an hour.
    assert billed <= 40_000 / 8
    assert len(world.raised) <= 15
