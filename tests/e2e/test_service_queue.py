"""A Fargate service that works off a queue: no, some and again no containers here, as messages come.

The image is built from the rendered Dockerfile, the stack is the CDK's, tasks have the rights of their role.
The emulator knows neither Application Auto Scaling nor task protection: the count is set as the template's
alarms and steps say, and a stop is a kill after five seconds.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from e2e.containers import build_image, serving
from e2e.services import ANSWERS, ServiceDeployment
from e2e.state import leftovers
from e2e.tasks import build_tasks, deployed_tasks, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.containers import Engine

pytestmark = pytest.mark.e2e

TASK_LABEL = "com.amazonaws.ecs.task-arn"
# A part of a second of work.
PARCELS = 50_000
LONGEST_RECEIVE_SECONDS = 21


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, built."""
    folder: Path = tmp_path_factory.mktemp("services") / "forecast-orders"
    build_tasks(folder, "queue", "build", cases=ANSWERS)
    return folder


@pytest.fixture(scope="module")
def image_of_orders(orders: Path) -> Iterator[str]:
    """The image of the service."""
    with build_image(orders) as name:
        yield name


@pytest.fixture(scope="module")
def engine_of_orders(image_of_orders: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """What runs containers."""
    with serving(image_of_orders, tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture(scope="module")
def service(
    orders: Path, image_of_orders: str, engine_of_orders: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceDeployment]:
    """The service in an account, put to sleep."""
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with deployed_tasks(
        orders, log, engine=engine_of_orders, image=image_of_orders, of=ServiceDeployment
    ) as deployment:
        eventually(lambda: deployment.is_deployed() or None)
        sleep(deployment, engine_of_orders)
        yield deployment


def test_message_wakes_it_more_make_it_grow_and_none_put_it_to_sleep(
    service: ServiceDeployment, engine_of_orders: Engine
) -> None:
    assert service.scale() == 0
    # The emulator would hand it to the last receive of a task that is gone, and only minutes later back.
    time.sleep(LONGEST_RECEIVE_SECONDS)
    service.send([order("f-0")])
    woken = eventually(lambda: service.scale() or None, patience_seconds=300)
    eventually(lambda: service.ecs_service()["runningCount"] or None)
    assert (woken, len(engine_of_orders.running(TASK_LABEL))) == (1, 1)

    # Too many for one task.
    service.send(order(f"f-{number}") for number in range(1, 60))
    assert service.scale() == 2
    eventually(lambda: len(engine_of_orders.running(TASK_LABEL)) == 2 or None)
    eventually(lambda: service.left() == (0, 0) or None, patience_seconds=300)

    assert {service.revenue(f"f-{number}") for number in range(60)} == {service.revenue("f-0")}
    assert service.revenue("f-0") is not None
    sleep(service, engine_of_orders)
    assert (service.ecs_service()["desiredCount"], service.running_tasks()) == (0, [])


def test_deleting_a_used_stack_leaves_nothing(service: ServiceDeployment) -> None:
    assert leftovers(service.account) != {}

    service.delete()

    assert leftovers(service.account) == {}


def order(forecast_id: str, parcels: int = PARCELS) -> dict[str, object]:
    return {"version": 1, "forecast_id": forecast_id, "seed": 7, "parcels": parcels}


def sleep(service: ServiceDeployment, engine: Engine) -> None:
    """Let minutes pass in which nothing is to do, until no task and no container is left."""

    def ask() -> Any:
        # The container is gone a moment before the service has counted it out, and then it starts none.
        asleep = service.scale() == 0 and not engine.running(TASK_LABEL)
        return (asleep and service.ecs_service()["runningCount"] == 0) or None

    eventually(ask)
