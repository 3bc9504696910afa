"""What a cold start costs, as a ratio to a bare handler in the same run.

Milliseconds differ from machine to machine; this ratio hardly does.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES
from unit.runtime_api import ExecutionEnvironment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the runtime interface client runs on Linux")

HANDLER = "parcel_surcharges.handlers.queue.lambda_handler"

# Logger, metrics and validation cost about one bare start, the client and its certificates one and a half; the rest is
# for noise. boto3 costs six.
MAX_INIT_RATIO = 4.6
PAIRS = 5


@pytest.fixture(scope="module")
def bare_task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The least that a function can be."""
    task = tmp_path_factory.mktemp("bare")
    (task / "bare.py").write_text("def handler(event, context):\n    return {}\n", encoding="utf-8")
    return task


def test_the_package_answers_under_the_real_runtime_client(host_task: Path, event: dict[str, Any]) -> None:
    [message] = event["Records"]
    poison = {**message, "body": "no JSON"}

    with ExecutionEnvironment(host_task, HANDLER, VARIABLES) as environment:
        answer = environment.invoke({"Records": [poison]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}


def test_a_start_costs_at_most_a_few_bare_starts(host_task: Path, bare_task: Path) -> None:
    _ratio(host_task, bare_task)  # the first pair finds cold disks and compiles the client itself

    ratios = [_ratio(host_task, bare_task) for _ in range(PAIRS)]

    # By the quietest pair: what else the machine does makes the longer of the two dearer.
    assert min(ratios) <= MAX_INIT_RATIO, f"{PAIRS} pairs: {', '.join(f'{one:.2f}' for one in ratios)}"


@pytest.mark.parametrize("name", VARIABLES)
def test_a_missing_setting_stops_the_start_and_is_named(host_task: Path, name: str) -> None:
    variables = {key: value for key, value in VARIABLES.items() if key != name}
    environment = ExecutionEnvironment(host_task, HANDLER, variables)

    with pytest.raises(RuntimeError, match=name), environment:
        pass


def _ratio(task: Path, bare_task: Path) -> float:
    return _init_cpu_seconds(task, HANDLER) / _init_cpu_seconds(bare_task, "bare.handler")


def _init_cpu_seconds(task: Path, handler: str) -> float:
    with ExecutionEnvironment(task, handler, VARIABLES) as environment:
        pass
    return environment.cpu_seconds
