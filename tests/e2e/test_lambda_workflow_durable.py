"""A durable function, rendered and built unchanged, in real processes under Lambda's runtime client.

The emulator makes no function durable (`test_gaps.py`), so the local runner that AWS publishes stands for it:
it keeps checkpoints over HTTP, replays, and starts the executions of chunks. What that cannot show: IAM, the
dead-letter queue, versions and their alias.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from rendering import EXAMPLES

from e2e.deployment import build_service

pytestmark = pytest.mark.e2e

DRIVER = Path(__file__).with_name("durable_driver.py")
ORDER = {"version": 1, "seed": 7, "parcels": 25_000}
BAD_ORDERS = [{}, [], None, {**ORDER, "version": 2}, {**ORDER, "parcels": 10**40}]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """How a good order ended, and then the bad ones."""
    folder: Path = tmp_path_factory.mktemp("durable")
    answers = yaml.safe_load(EXAMPLES["workflow"].read_text(encoding="utf-8"))
    asked = folder / "answers.yaml"
    asked.write_text(yaml.safe_dump({**answers, "orchestration": "durable-function"}), encoding="utf-8")
    service = folder / "tariff-forecasts"
    build_service(service, asked)
    orders = [json.dumps(order) for order in (ORDER, *BAD_ORDERS)]
    command = [str(service / ".venv/bin/python"), str(DRIVER), str(service), *orders]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_run_adds_up_chunks_that_other_processes_worked_on(outcomes: list[dict[str, Any]]) -> None:
    assert outcomes[0]["status"] == "SUCCEEDED"
    assert outcomes[0]["result"]["parcels"] == 25_000
    # The run, at least once again for the result, and each of its three chunks.
    assert outcomes[0]["invocations"] >= 5


def test_bad_order_fails_in_its_first_invocation_and_for_good(outcomes: list[dict[str, Any]]) -> None:
    assert [outcome["status"] for outcome in outcomes[1:]] == ["FAILED"] * len(BAD_ORDERS)
    assert [outcome["invocations"] for outcome in outcomes[1:]] == [1] * len(BAD_ORDERS)
    assert all(outcome["error"]["ErrorType"].endswith("RejectedError") for outcome in outcomes[1:])
