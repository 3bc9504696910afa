"""What the task says to whoever started it: exit codes, log lines, metrics; and that it stops when it is told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from environment import VARIABLES

from nightly_forecast import __main__ as program
from nightly_forecast import domain, job
from nightly_forecast.checkpoints import Order

if TYPE_CHECKING:
    from collections.abc import Callable

    from nightly_forecast.checkpoints import Checkpoints

ORDER = Order(run_id="run-1", seed=7, parcels=100)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[dict[str, Any]]]]:
    """Run the task with some settings changed; return its exit code and its lines."""

    def run(**changed: str) -> tuple[int, list[dict[str, Any]]]:
        for name, value in {**VARIABLES, **changed}.items():
            monkeypatch.setenv(name, value)
        # A task that does not listen fails a test, and not the run of all tests.
        before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        try:
            code = program.main()
        finally:
            signal.signal(signal.SIGTERM, before)
        return code, [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    return run


def test_a_run_that_is_done_ends_with_0_and_says_what_it_found(
    run: Callable[..., tuple[int, list[dict[str, Any]]]], checkpoints: Checkpoints
) -> None:
    code, lines = run()

    assert code == 0
    assert checkpoints.load(ORDER).tally == domain.tally(7, range(100))
    assert [line["message"] for line in lines if "message" in line] == ["starting", "progress", "done"]
    done = next(line for line in lines if line.get("message") == "done")
    assert done["revenue_cents"] == domain.tally(7, range(100)).revenue_cents
    assert (done["run_id"], done["environment"], done["level"]) == ("run-1", "test", "INFO")


def test_metrics_say_how_long_how_much_and_how_often_it_failed(
    run: Callable[..., tuple[int, list[dict[str, Any]]]],
) -> None:
    _, lines = run()

    [metrics] = [line for line in lines if "_aws" in line]
    [directive] = metrics["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"] for metric in directive["Metrics"]} == {"Duration", "Items", "Failures"}
    assert directive["Dimensions"] == [["service", "environment"]]
    assert (metrics["Items"], metrics["Failures"], metrics["environment"]) == (100, 0, "test")
    assert 0 < metrics["Duration"] < 60


def test_a_run_that_fails_ends_with_1_and_says_why(run: Callable[..., tuple[int, list[dict[str, Any]]]]) -> None:
    code, lines = run(CHECKPOINTS="elsewhere")

    assert code == 1
    failed = next(line for line in lines if line.get("message") == "failed")
    assert failed["level"] == "ERROR"
    assert "ResourceNotFoundException" in failed["exception"]
    assert [line["Failures"] for line in lines if "_aws" in line] == [1]


def test_a_run_that_is_told_to_stop_ends_with_143_and_the_next_one_goes_on(
    run: Callable[..., tuple[int, list[dict[str, Any]]]], checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = domain.tally

    def count_and_be_told_to_stop(seed: int, numbers: range) -> domain.Tally:
        if numbers.start == 40:
            os.kill(os.getpid(), signal.SIGTERM)
        return count(seed, numbers)

    monkeypatch.setattr(job.run, "__kwdefaults__", {"page_parcels": 20})
    monkeypatch.setattr(domain, "tally", count_and_be_told_to_stop)
    code, lines = run()
    stopped_at = checkpoints.load(ORDER).done
    monkeypatch.setattr(domain, "tally", count)
    next_code, next_lines = run()

    # The page in hand is finished.
    assert (code, stopped_at) == (143, 60)
    assert [line["Items"] for line in lines if "_aws" in line] == [60]
    assert [line["Failures"] for line in lines if "_aws" in line] == [0]
    assert next_code == 0
    assert [line["Items"] for line in next_lines if "_aws" in line] == [40]
    assert checkpoints.load(ORDER).tally == count(7, range(100))


@pytest.mark.parametrize("name", VARIABLES)
def test_a_wrong_setting_ends_with_2_and_is_named(
    name: str, run: Callable[..., tuple[int, list[dict[str, Any]]]]
) -> None:
    code, lines = run(**{name: " "})

    assert code == 2
    assert lines[-1]["detail"].startswith(f"{name}: ")


def start(**changed: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **VARIABLES, "PYTHONPATH": os.pathsep.join(sys.path), **changed}
    command = [sys.executable, "-m", "nightly_forecast"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_process_exits_with_the_code() -> None:
    done = start(PARCELS="none")

    assert done.returncode == 2
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["message"] for line in said] == ["starting", "wrong setting"]
    # By this id whoever started the run finds its lines.
    assert {line["run_id"] for line in said} == {"run-1"}


def test_a_run_that_hangs_ends_and_says_where() -> None:
    # Nobody answers at this address, and the SDK is patient.
    done = start(RUN_SECONDS_AT_MOST="1", AWS_ENDPOINT_URL="http://192.0.2.1")

    assert done.returncode == 1
    assert "Timeout (0:00:01)!" in done.stderr
    assert "most recent call first" in done.stderr
