"""The budget of a start in a container: what the rendered scripts/build.py measures, here without one."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from rendering import SERVICES, TASKS, render_example
from toolbox import tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.slow

DEAR = "\nTOTALS = [sum(range(5_000_000))]\n"


@pytest.mark.parametrize(("examples", "event_source"), [(TASKS, "job"), (SERVICES, "http")])
def test_a_start_that_has_become_dear_is_over_the_budget(
    examples: Mapping[str, Path], event_source: str, tmp_path: Path
) -> None:
    repository = tmp_path / "service"
    render_example(repository, {}, event_source, examples)
    build = (repository / "scripts/build.py").read_text(encoding="utf-8")
    (budget,) = re.findall(r"^MAX_START_RATIO = (\d+)$", build, re.MULTILINE)
    (stopwatch,) = re.findall(r'^STOPWATCH = """$(.*?)^"""$', build, re.MULTILINE | re.DOTALL)

    before = _start_ratio(stopwatch, repository)
    (settings,) = repository.glob("src/*/settings.py")
    with settings.open("a", encoding="utf-8") as file:
        file.write(DEAR)
    after = _start_ratio(stopwatch, repository)

    assert before <= int(budget) < after


def _start_ratio(stopwatch: str, repository: Path) -> float:
    """Measure as the image does, where bytecode is made before."""
    found = subprocess.run([tool("uv"), "python", "find", "3.13"], check=True, capture_output=True, text=True)
    python, environment = found.stdout.strip(), {**os.environ, "PYTHONPATH": str(repository / "src")}
    subprocess.run([python, "-m", "compileall", "-q", repository / "src"], check=True)
    done = subprocess.run(
        [python, "-c", stopwatch],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return float(json.loads(done.stdout))
