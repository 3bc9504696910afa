"""A Fargate service that answers requests: asleep, woken by the first, asleep again, with real containers.

The image is built from the rendered Dockerfile, the stack is the CDK's, and the function that wakes the
service calls the emulated ECS, API Gateway, DynamoDB and CloudWatch. What the emulator refuses is in
`gaps.REFUSED_TYPES`; the rendered `tests/infra` judge it in the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.containers import build_image, serving
from e2e.services import ANSWERS
from e2e.sleeping import SleepingDeployment
from e2e.tasks import build_tasks, deployed_tasks, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.containers import Engine

pytestmark = pytest.mark.e2e

TASK_LABEL = "com.amazonaws.ecs.task-arn"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, built."""
    folder: Path = tmp_path_factory.mktemp("services") / "quote-desk"
    build_tasks(folder, "http", "build", cases=ANSWERS)
    return folder


@pytest.fixture(scope="module")
def image_of_desk(desk: Path) -> Iterator[str]:
    """The image of the service."""
    with build_image(desk) as name:
        yield name


@pytest.fixture(scope="module")
def engine_of_desk(image_of_desk: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """What runs containers."""
    with serving(image_of_desk, tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture(scope="module")
def service(
    desk: Path, image_of_desk: str, engine_of_desk: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SleepingDeployment]:
    """The service in an account; the task that its first deployment starts is stopped."""
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with deployed_tasks(
        desk, log, engine=engine_of_desk, image=image_of_desk, of=SleepingDeployment
    ) as deployment:
        eventually(lambda: deployment.is_deployed() or None)
        deployment.account.client("ecs").update_service(
            cluster=deployment.stack, service=deployment.outputs["ServiceName"], desiredCount=0
        )
        eventually(lambda: not engine_of_desk.running(TASK_LABEL) or None)
        yield deployment


def test_first_request_wakes_it_and_idleness_puts_it_to_sleep(
    service: SleepingDeployment, engine_of_desk: Engine
) -> None:
    asleep = service.quote()
    once_more = service.quote()

    assert (asleep.status, asleep.headers["retry-after"]) == (503, "45")
    assert once_more.status == 503
    assert (service.ecs_service()["desiredCount"], service.door) == (1, "AWS_PROXY")

    [container] = eventually(lambda: engine_of_desk.running(TASK_LABEL) or None)
    address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    service.stand_behind_the_door(engine_of_desk.run("inspect", "--format", address, container).strip())
    answer = eventually(lambda: found if (found := service.quote()).status != 503 else None)

    assert answer.status == 200
    assert answer.json() == {"zone": "domestic", "weight_grams": 1_200, "price_cents": 510}
    assert (service.state()["phase"], service.door) == ("awake", "HTTP_PROXY")

    service.let_pass(700)
    service.look()
    dozing = service.state()["phase"], service.door, service.ecs_service()["desiredCount"]
    service.let_pass(300)
    service.look()

    assert dozing == ("dozing", "AWS_PROXY", 1)
    assert (service.state()["phase"], service.ecs_service()["desiredCount"]) == ("asleep", 0)
    eventually(lambda: not engine_of_desk.running(TASK_LABEL) or None)
    assert service.quote().status == 503
    assert service.ecs_service()["desiredCount"] == 1
