"""Every rendered handler is given bad events of every kind, made of its own sample event by one table.

Lambda tries again what crashed, so a crash here is a loop on AWS, until a dead-letter queue ends it.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from rendering import render_example
from stacks import run_in
from test_mutations import SERVICES
from toolbox import REPOSITORY, tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

FOLDER = REPOSITORY / "tests" / "hostile"


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Run the table on a repository, in the environment of the one whose tests need most."""
    richest: Path = tmp_path_factory.mktemp("hostile") / "service"
    render_example(richest, event_source="object")
    run_in(richest, tool("make").parent, "make", "setup")

    def judge(repository: Path) -> None:
        for copied, name in (("events.py", "hostile_events.py"), ("judge.py", "test_hostile_events.py")):
            shutil.copy(FOLDER / copied, repository / "tests" / "unit" / name)
        programs = richest / ".venv" / "bin"
        run_in(
            repository, programs, "pytest", "-q", "tests/unit/test_hostile_events.py", PYTHONPATH="src:tests"
        )

    return judge


@pytest.mark.parametrize("service", SERVICES)
def test_no_bad_event_crashes_a_rendered_handler(
    service: str, judge: Callable[[Path], None], tmp_path: Path
) -> None:
    event_source, changed = SERVICES[service]
    render_example(tmp_path / "service", changed, event_source)

    judge(tmp_path / "service")


def test_a_handler_that_crashes_is_found(judge: Callable[[Path], None], tmp_path: Path) -> None:
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
