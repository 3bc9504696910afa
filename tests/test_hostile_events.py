"""Every rendered handler is given bad events of every kind, made of its own sample event by one table.

Lambda tries again what crashed, so a crash here is a loop on AWS, until a dead-letter queue ends it.
"""

from __future__ import annotations

import functools
import shutil
from typing import TYPE_CHECKING

import pytest
from environments import set_up
from rendering import render_example
from stacks import run_in
from test_mutations import SERVICES
from toolbox import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pytestmark = pytest.mark.slow

FOLDER = REPOSITORY / "tests" / "hostile"


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., None]:
    """Run the table on a repository, in an environment that has all its tests need."""

    @functools.cache
    def programs(event_source: str, *changed: tuple[str, str]) -> Path:
        richest: Path = tmp_path_factory.mktemp("hostile") / "service"
        render_example(richest, dict(changed), event_source)
        return set_up(richest)

    def judge(
        repository: Path, event_source: str = "object", changed: Mapping[str, str] | None = None
    ) -> None:
        for copied, name in (("events.py", "hostile_events.py"), ("judge.py", "test_hostile_events.py")):
            shutil.copy(FOLDER / copied, repository / "tests" / "unit" / name)
        # The durable function alone has a library that the tests of an object do not have.
        richest = (event_source, *changed.items()) if changed and "orchestration" in changed else ("object",)
        test = ("pytest", "-q", "tests/unit/test_hostile_events.py")
        run_in(repository, programs(*richest), *test, PYTHONPATH="src:tests")

    return judge


@pytest.mark.parametrize("service", SERVICES)
def test_no_bad_event_crashes_a_rendered_handler(
    service: str, judge: Callable[..., None], tmp_path: Path
) -> None:
    event_source, changed = SERVICES[service]
    render_example(tmp_path / "service", changed, event_source)

    judge(tmp_path / "service", event_source, changed)


def test_a_handler_that_crashes_is_found(judge: Callable[..., None], tmp_path: Path) -> None:
    repository = tmp_path / "service"
    render_example(repository, event_source="event")
    [module] = repository.glob("src/*/event.py")
    careful = module.read_text(encoding="utf-8")
    careless = careful.replace(
        "            return msgspec.convert(", '            event["id"]\n            return msgspec.convert('
    )
    assert careless != careful
    module.write_text(careless, encoding="utf-8")

    with pytest.raises(pytest.fail.Exception, match="id: missing: KeyError"):
        judge(repository)
