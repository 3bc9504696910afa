"""The function: events of {{ "CloudWatch Logs" if event_source == "lookup" else "API Gateway" }}, ECS and EventBridge in, steps of the machine and what they ask for out."""

from __future__ import annotations

{% if event_source == "lookup" %}
import base64
import functools
import gzip
import json
{% else %}
import functools
import json
{% endif %}
import logging
import os
import sys
import time
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from wake.effects import Door, {{ "Record, Service, Tasks" if event_source == "lookup" else "Service" }}, Traffic{{ "" if protocol == "udp" else ", answers" }}
from wake.ledger import Ledger
from wake.machine import (
    Answered,
    Demand,
    Done,
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
    is_at_rest,
    retry_after,
{% endif %}
    step,
)

if TYPE_CHECKING:
    from collections.abc import Callable, {{ "Iterable, " if event_source == "lookup" else "" }}Mapping

    from wake.machine import Event

__all__ = ["Waker", "lambda_handler"]

SERVICE = "{{ project_name }}"
{% if event_source == "lookup" %}
# With {{ "nothing answered" if protocol == "udp" else "nobody connected" }} for so long it is idle. It is looked at every five minutes, so it sleeps a quarter of an hour
# after its last {{ "answer" if protocol == "udp" else "connection" }} or a little later.
{% else %}
# With nothing asked for so long it is idle. It is looked at every five minutes, so it sleeps a quarter of an hour after
# its last request or a little later.
{% endif %}
IDLE_SECONDS = 600
# A task that begins to run is asked this often, every two seconds, whether it answers.
PROBES_OF_A_NEW_TASK = 10
# How ECS says that a task ended although nobody had told it to.
FAILURES = frozenset({"EssentialContainerExited", "TaskFailedToStart"})
UNHEALTHY = "Task failed container health checks"

logger = logging.getLogger("wake")
logger.setLevel(logging.INFO)


class Waker:
    """Takes steps, and does what they ask for."""

    def __init__(  # noqa: PLR0913  all that is done to the service
        self,
        *,
        environment: str,
        ledger: Ledger,
        service: Service,
        door: Door,
        traffic: Traffic,
        is_ready: Callable[[], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._environment = environment
        self._ledger = ledger
        self._service = service
        self._door = door
        self._traffic = traffic
        self._is_ready = is_ready
        self._clock = clock

    def take(self, event: Event) -> State:
        """Take all steps that follow from an event, and return the state that they lead to."""
        patience = PROBES_OF_A_NEW_TASK if isinstance(event, TaskRuns) else 1
        taken = self._step(event)
        while taken.todo is not None:
            taken = self._step(self._do(taken.todo, taken.state, patience))
        return taken.state

    def look(self) -> State:
        """Look at the service, as every five minutes."""
        phase = self._ledger.read().state.phase
        # CloudWatch bills each question, so it is asked only where the answer matters.
        idle = phase in {Phase.AWAKE, Phase.DOZING} and self._traffic.is_idle(IDLE_SECONDS)
        return self.take(Look(self._service.count(), idle))

{% if event_source == "lookup" %}
    def hear(self, names: Iterable[str], own: str) -> None:
        """Take look-ups: one of them is enough, and those of other names are nobody's."""
        # Resolvers write names in capitals as they like, and check that they come back so.
        if any(name.rstrip(".").lower() == own.rstrip(".").lower() for name in names):
            self.take(Demand())
{% else %}
    def refuse(self) -> dict[str, object]:
        """Answer a request that nobody can answer yet: come back in so many seconds."""
        try:
            state = self.take(Demand())
        except Exception:
            # The caller can do nothing about it, and the next look mends what is left undone.
            logger.exception("not woken")
            state = State()
        now = self._clock()
        detail = "It starts when it is asked for; come back in a moment."
        if is_at_rest(state, now):
            detail = "It does not start. Somebody was told; it is tried again later."
        seconds = retry_after(state, now)
        return {
            "statusCode": 503,
            "headers": {
                "cache-control": "no-store",
                "content-type": "application/problem+json",
                "retry-after": str(seconds),
            },
            "body": json.dumps({"title": "Service Unavailable", "status": 503, "detail": detail}),
        }
{% endif %}

    def _step(self, event: Event) -> Step:
        while True:
            entry = self._ledger.read()
            taken = step(entry.state, event, self._clock())
            # Whoever loses reads what the other one wrote, and takes the step from there.
            if taken.state == entry.state or self._ledger.replace(entry, taken.state):
                self._tell(entry.state, taken.state)
                return taken

    def _do(self, todo: Todo, state: State, patience: int) -> Event:
        match todo:
            case Todo.PROBE:
                return Answered(self._is_ready_soon(patience))
            case Todo.START:
                self._service.start()
            case Todo.STOP:
                self._service.stop()
            case Todo.OPEN:
                self._door.open()
            case Todo.SHUT:
                self._door.shut()
        return Done(todo, state.since)

    def _is_ready_soon(self, patience: int) -> bool:
        for left in range(patience - 1, -1, -1):
            if self._is_ready():
                return True
            if left:
                time.sleep(2)
        return False

    def _tell(self, before: State, after: State) -> None:
        if after.failed_starts > before.failed_starts:
            logger.error("start failed", extra={"failed_starts": after.failed_starts, "not_before": after.not_before})
            self._count("FailedStarts")
        if after.phase is before.phase:
            return
        logger.info("%s, was %s", after.phase, before.phase, extra={"seconds": self._clock() - before.since})
        if after.phase is Phase.STARTING:
            self._count("Wakes")
        if after.phase is Phase.ASLEEP:
            self._count("Sleeps")

    def _count(self, metric: str) -> None:
        directive = {
            "Namespace": SERVICE,
            "Dimensions": [["service", "environment"]],
            "Metrics": [{"Name": metric, "Unit": "Count"}],
        }
        line = {
            "_aws": {"Timestamp": int(self._clock() * 1000), "CloudWatchMetrics": [directive]},
            "service": SERVICE,
            "environment": self._environment,
            metric: 1,
        }
        sys.stdout.write(f"{json.dumps(line)}\n")


@functools.cache
def waker() -> Waker:
    """Return the waker of this deployment, made once in each environment of Lambda."""
{% if event_source == "lookup" %}
    patience = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    cluster, service = os.environ["CLUSTER"], os.environ["ECS_SERVICE"]
    ecs = boto3.client("ecs", config=patience)
    tasks = Tasks(ecs, boto3.client("ec2", config=patience), cluster, service)
    record = Record(boto3.client("route53", config=patience), os.environ["ZONE"], os.environ["NAME"])
    environment = os.environ["ENVIRONMENT"]
    return Waker(
        environment=environment,
        ledger=Ledger(boto3.client("dynamodb", config=patience), os.environ["TABLE"]),
        service=Service(ecs, cluster, service),
        door=Door(record, tasks),
        traffic=Traffic(boto3.client("cloudwatch", config=patience), SERVICE, environment),
        is_ready={{ "tasks.is_one_healthy" if protocol == "udp" else 'functools.partial(answers, tasks, int(os.environ["PORT"]))' }},
    )


def lambda_handler(event: Mapping[str, object], _context: object) -> None:
    """Take an event: look-ups, a task that started or ended, or the time to look."""
    match event:
        case {"awslogs": {"data": str(packed)}}:
            waker().hear(_names(packed), os.environ["NAME"])
        case {"detail-type": "ECS Task State Change", "detail": dict(detail)}:
            if (told := _what_happened(detail)) is not None:
                waker().take(told)
        case _:
            waker().look()


def _names(packed: str) -> list[str]:
    """Return which names were looked up: version, time and zone come first in each line of Route 53's log."""
    entries = json.loads(gzip.decompress(base64.b64decode(packed)))["logEvents"]
    return [name for entry in entries for name in str(entry["message"]).split()[3:4]]
{% else %}
    patience = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    environment, api_id = os.environ["ENVIRONMENT"], os.environ["API_ID"]
    return Waker(
        environment=environment,
        ledger=Ledger(boto3.client("dynamodb", config=patience), os.environ["TABLE"]),
        service=Service(boto3.client("ecs", config=patience), os.environ["CLUSTER"], os.environ["ECS_SERVICE"]),
        door=Door(boto3.client("apigatewayv2", config=patience), api_id),
        traffic=Traffic(boto3.client("cloudwatch", config=patience), SERVICE, environment, api_id),
        is_ready=functools.partial(answers, os.environ["API_URL"]),
    )


def lambda_handler(event: Mapping[str, object], _context: object) -> dict[str, object] | None:
    """Take an event: a request, a task that started or ended, or the time to look."""
    match event:
        case {"requestContext": _}:
            return waker().refuse()
        case {"detail-type": "ECS Task State Change", "detail": dict(detail)}:
            if (told := _what_happened(detail)) is not None:
                waker().take(told)
        case _:
            waker().look()
    return None
{% endif %}


def _what_happened(task: Mapping[str, object]) -> Event | None:
    match task:
        case {"lastStatus": "RUNNING", "desiredStatus": "RUNNING"}:
            return TaskRuns()
        case {"lastStatus": "STOPPED"}:
            reason = str(task.get("stoppedReason", ""))
            if task.get("stopCode") in FAILURES or reason.startswith(UNHEALTHY):
                logger.warning("a task failed", extra={"task": task.get("taskArn"), "reason": reason})
                return TaskFailed()
{% if event_source == "lookup" %}
            return TaskEnded()
        case {"desiredStatus": "STOPPED"}:
            return TaskEnded()
{% endif %}
    return None
