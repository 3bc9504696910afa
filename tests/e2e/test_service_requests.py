"""A Fargate service behind a load balancer: no, one and again no container here, as clients come and go.

The image is built from the rendered Dockerfile, the stack is the CDK's, without what `gaps.py` says that the
emulator refuses. It neither counts what a load balancer refuses nor scales: the count is set as alarms and
steps of the template say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.balanced import BalancedDeployment
from e2e.containers import build_image, serving
from e2e.services import ANSWERS
from e2e.state import leftovers
from e2e.tasks import build_tasks, deployed_tasks, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.containers import Engine

pytestmark = pytest.mark.e2e

TASK_LABEL = "com.amazonaws.ecs.task-arn"


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, where it is not critical."""
    folder: Path = tmp_path_factory.mktemp("services") / "list-desk"
    build_tasks(folder, "requests", cases=ANSWERS, critical="false")
    return folder


@pytest.fixture(scope="module")
def image_of_lists(lists: Path) -> Iterator[str]:
    """The image of the service."""
    with build_image(lists) as name:
        yield name


@pytest.fixture(scope="module")
def engine_of_lists(image_of_lists: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """What runs containers."""
    with serving(image_of_lists, tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture(scope="module")
def service(
    lists: Path, image_of_lists: str, engine_of_lists: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BalancedDeployment]:
    """The service in an account; the task that its first deployment starts is stopped."""
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with deployed_tasks(
        lists, log, engine=engine_of_lists, image=image_of_lists, of=BalancedDeployment
    ) as deployment:
        eventually(lambda: deployment.is_deployed() or None)
        deployment.count(0)
        await_sleep(deployment, engine_of_lists)
        yield deployment


def test_refused_clients_wake_it_and_quiet_puts_it_to_sleep(
    service: BalancedDeployment, engine_of_lists: Engine
) -> None:
    assert service.ask("GET", "/nothing/here").status == 404
    assert set(service.pass_minutes(10)) == {0}, "whoever asks for what is not there wakes nothing"
    assert [service.ask().status for _ in range(3)] == [503] * 3
    woken = service.pass_minutes(4)
    assert (woken[0], woken[-1]) == (0, 1), "what was refused is seen late, and once"

    [(host, port)] = eventually(lambda: service.targets() or None)
    [container] = engine_of_lists.running(TASK_LABEL)
    address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    assert host == engine_of_lists.run("inspect", "--format", address, container).strip()
    # The emulator passes requests on before the task is ready.
    answer = eventually(lambda: found if (found := service.ask()).status not in {502, 503} else None)
    assert (answer.status, port) == (200, 8080)
    assert answer.json() == {"zone": "domestic", "weight_grams": 1_200, "price_cents": 510}
    assert service.ask("GET", "/zones/domestic").json()["base_cents"] == 390
    assert service.ask(body={"zone": "domestic"}).status == 422

    # Clients come and go; then nobody does.
    assert set(service.pass_minutes(5, quiet_since=0)) == {1}
    assert set(service.pass_minutes(9, quiet_since=5)) == {1}
    assert service.pass_minutes(10, quiet_since=14)[-1] == 0
    await_sleep(service, engine_of_lists)
    assert (service.running_tasks(), service.targets()) == ([], [])
    assert service.ask().status == 503


def test_deleting_a_used_stack_leaves_nothing(service: BalancedDeployment) -> None:
    assert {"clusters", "networks", "load balancers", "target groups"} <= leftovers(service.account).keys()

    service.delete()

    assert leftovers(service.account) == {}


def await_sleep(service: BalancedDeployment, engine: Engine) -> None:
    """Wait until no container is left, and the service has counted it out."""

    def ask() -> bool | None:
        asleep = not engine.running(TASK_LABEL) and service.ecs_service()["runningCount"] == 0
        return asleep or None

    eventually(ask)
