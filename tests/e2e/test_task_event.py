"""A Fargate task that events start: real containers on this machine, told what the deployed rule says.

The emulator matches events and works out what targets are told, but starts no task with it (test_task_gaps).
So a queue beside the target hears it, and RunTask is called with that and with what the target names.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.rules import Rule
from e2e.tasks import build_tasks, deployed_tasks, eventually, exit_codes, variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.containers import Engine
    from e2e.tasks import TaskDeployment

pytestmark = pytest.mark.e2e

# Three pages of job.py: a second or two each, long enough to be cut off in the middle.
PARCELS = 1_500_000


@pytest.fixture(scope="module")
def ordered(
    forecasts: Path, image: str, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TaskDeployment]:
    """The service that events start; under the same name its image is the same."""
    folder = tmp_path_factory.mktemp("ordered") / forecasts.name
    build_tasks(folder, "event")
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with deployed_tasks(folder, log, engine=engine, image=image) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def rule(ordered: TaskDeployment) -> Rule:
    """What starts a run for each order."""
    return Rule.of(ordered, ordered.outputs["EventBusName"])


def test_ordered_run_survives_a_kill_and_a_second_delivery_changes_nothing(
    ordered: TaskDeployment, rule: Rule, engine: Engine
) -> None:
    event_id = put(ordered, {"seed": 7, "parcels": PARCELS})
    told = rule.heard()
    first = rule.start(told)
    eventually(lambda: ordered.checkpoint(event_id) or None)

    engine.run("kill", "--signal", "KILL", *engine.running(f"com.amazonaws.ecs.task-arn={first}"))
    killed = ordered.stopped(first)
    resumed = ordered.stopped(rule.start(told))
    done = ordered.checkpoint(event_id)
    again = ordered.stopped(rule.start(told))

    assert [exit_codes(task) for task in (killed, resumed, again)] == [[137], [0], [0]]
    assert done["done"] == str(PARCELS)
    assert ordered.checkpoint(event_id) == done
    assert killed["capacityProviderName"] == "FARGATE_SPOT"
    assert ordered.running_tasks() == []
    assert ordered.dead_letters() == []


def test_order_is_told_as_variables(ordered: TaskDeployment, rule: Rule) -> None:
    event_id = put(ordered, {"seed": 11, "parcels": 5_000_000_000, "note": "x" * 100_000})

    [override] = rule.heard()["containerOverrides"]

    assert variables(override) == {"RUN_ID": event_id, "SEED": "11", "PARCELS": "5000000000"}


@pytest.mark.parametrize(
    "detail",
    [{}, {"seed": "7", "parcels": 1}, {"seed": 7, "parcels": '1"},{"name":"CHECKPOINTS","value":"mine'}],
    ids=["nothing", "a text", "more than a value"],
)
def test_order_that_cannot_be_told_is_kept_and_starts_nothing(
    ordered: TaskDeployment, rule: Rule, detail: dict[str, object]
) -> None:
    put(ordered, detail)
    marker = put(ordered, {"seed": 1, "parcels": 1})

    [letter] = eventually(lambda: ordered.dead_letters() or None)
    [override] = rule.heard()["containerOverrides"]

    assert letter["detail"] == detail
    # What came after it is the first that is heard.
    assert variables(override)["RUN_ID"] == marker


def put(ordered: TaskDeployment, detail: dict[str, object]) -> str:
    """Put an order on the bus, and return its id."""
    entry = {
        "EventBusName": ordered.outputs["EventBusName"],
        "Source": "acme.planning",
        "DetailType": "ForecastOrdered",
        "Detail": json.dumps(detail),
    }
    [answer] = ordered.account.client("events").put_events(Entries=[entry])["Entries"]
    return str(answer["EventId"])
