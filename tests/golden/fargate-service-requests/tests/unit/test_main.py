"""What the task says when it cannot start."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from environment import VARIABLES


@pytest.mark.parametrize("name", VARIABLES)
def test_a_wrong_setting_ends_with_2_and_is_named(name: str) -> None:
    environment = {**os.environ, **VARIABLES, "PYTHONPATH": os.pathsep.join(sys.path), name: " "}

    done = subprocess.run(
        [sys.executable, "-m", "list_desk"], env=environment, capture_output=True, text=True, check=False
    )

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert [line["message"] for line in lines] == ["starting", "wrong setting"]
    assert lines[-1]["detail"].startswith(f"{name}: ")
