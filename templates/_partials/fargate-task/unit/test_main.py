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

from {{ package_name }} import __main__ as program
{% if event_source == "object" %}
from {{ package_name }} import domain, job
{% else %}
from {{ package_name }} import domain, job
from {{ package_name }}.checkpoints import Order
{% endif %}

if TYPE_CHECKING:
    from collections.abc import Callable

{% if event_source == "object" %}
    from {{ package_name }}.checkpoints import Checkpoints, Order
    from {{ package_name }}.objects import Objects

DELIVERY = b'{"parcel_id": "a", "weight_grams": 700}\n' * 100


@pytest.fixture
def order(put: Callable[[bytes], Order]) -> Order:
    """The version of an object that arrived."""
    return put(DELIVERY)


@pytest.fixture
def run(
    order: Order, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[dict[str, Any]]]]:
    """Run the task with some settings changed; return its exit code and its lines."""

    def run(**changed: str) -> tuple[int, list[dict[str, Any]]]:
        for name, value in {**VARIABLES, "RUN_ID": order.run_id, **changed}.items():
{% else %}
    from {{ package_name }}.checkpoints import Checkpoints

{% if event_source == "array" %}
# The second of four items.
ORDER = Order(run_id="run-1-1", seed=7, parcels=100, first=100)
{% else %}
ORDER = Order(run_id="run-1", seed=7, parcels=100)
{% endif %}


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[dict[str, Any]]]]:
    """Run the task with some settings changed; return its exit code and its lines."""

    def run(**changed: str) -> tuple[int, list[dict[str, Any]]]:
        for name, value in {**VARIABLES, **changed}.items():
{% endif %}
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
{% if event_source == "object" %}
    run: Callable[..., tuple[int, list[dict[str, Any]]]], checkpoints: Checkpoints, order: Order
) -> None:
    code, lines = run()

    assert code == 0
    assert checkpoints.load(order).tally == domain.add_up(DELIVERY, 0)
{% else %}
    run: Callable[..., tuple[int, list[dict[str, Any]]]], checkpoints: Checkpoints
) -> None:
    code, lines = run()

    assert code == 0
    assert checkpoints.load(ORDER).tally == domain.tally(7, {{ "range(100, 200)" if event_source == "array" else "range(100)" }})
{% endif %}
    assert [line["message"] for line in lines if "message" in line] == ["starting", "progress", "done"]
    done = next(line for line in lines if line.get("message") == "done")
{% if event_source == "object" %}
    assert done["weight_grams"] == 70_000
    assert (done["run_id"], done["environment"], done["level"]) == (order.run_id, "test", "INFO")
{% else %}
    assert done["revenue_cents"] == domain.tally(7, {{ "range(100, 200)" if event_source == "array" else "range(100)" }}).revenue_cents
    assert (done["run_id"], done["environment"], done["level"]) == ("{{ "run-1-1" if event_source == "array" else "run-1" }}", "test", "INFO")
{% endif %}


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
    assert "{{ {"dynamodb": "ResourceNotFoundException", "s3": "NoSuchBucket"}[checkpoint] }}" in failed["exception"]
    assert [line["Failures"] for line in lines if "_aws" in line] == [1]


def test_a_run_that_is_told_to_stop_ends_with_143_and_the_next_one_goes_on(
{% if event_source == "object" %}
    run: Callable[..., tuple[int, list[dict[str, Any]]]],
    checkpoints: Checkpoints,
    order: Order,
    objects: Objects,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = type(objects).read

    def read_and_be_told_to_stop(self: Objects, order: Order, positions: range) -> bytes:
        if positions.start == 1_600:
            os.kill(os.getpid(), signal.SIGTERM)
        return read(self, order, positions)

    monkeypatch.setattr(job.run, "__kwdefaults__", {"page_bytes": 800})
    monkeypatch.setattr(type(objects), "read", read_and_be_told_to_stop)
    code, lines = run()
    stopped_at = checkpoints.load(order).tally.parcels
    monkeypatch.setattr(type(objects), "read", read)
    next_code, next_lines = run()
{% else %}
    run: Callable[..., tuple[int, list[dict[str, Any]]]], checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = domain.tally

    def count_and_be_told_to_stop(seed: int, numbers: range) -> domain.Tally:
        if numbers.start == {{ 140 if event_source == "array" else 40 }}:
            os.kill(os.getpid(), signal.SIGTERM)
        return count(seed, numbers)

    monkeypatch.setattr(job.run, "__kwdefaults__", {"page_parcels": 20})
    monkeypatch.setattr(domain, "tally", count_and_be_told_to_stop)
    code, lines = run()
    stopped_at = checkpoints.load(ORDER).done
    monkeypatch.setattr(domain, "tally", count)
    next_code, next_lines = run()
{% endif %}

    # The page in hand is finished.
    assert (code, stopped_at) == (143, 60)
    assert [line["Items"] for line in lines if "_aws" in line] == [60]
    assert [line["Failures"] for line in lines if "_aws" in line] == [0]
    assert next_code == 0
    assert [line["Items"] for line in next_lines if "_aws" in line] == [40]
{% if event_source == "object" %}
    assert checkpoints.load(order).tally == domain.add_up(DELIVERY, 0)
{% else %}
    assert checkpoints.load(ORDER).tally == count(7, {{ "range(100, 200)" if event_source == "array" else "range(100)" }})
{% endif %}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_wrong_setting_ends_with_2_and_is_named(
    name: str, run: Callable[..., tuple[int, list[dict[str, Any]]]]
) -> None:
    code, lines = run(**{name: " "})

    assert code == 2
    assert lines[-1]["detail"].startswith(f"{name}: ")


def start(**changed: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **VARIABLES, "PYTHONPATH": os.pathsep.join(sys.path), **changed}
    command = [sys.executable, "-m", "{{ package_name }}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_process_exits_with_the_code() -> None:
    done = start({{ "OBJECT_BYTES" if event_source == "object" else "PARCELS" }}="none")

    assert done.returncode == 2
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["message"] for line in said] == ["starting", "wrong setting"]
    # By this id whoever started the run finds its lines.
    assert {line["run_id"] for line in said} == {"{{ "run-1-1" if event_source == "array" else "run-1" }}"}


def test_a_run_that_hangs_ends_and_says_where() -> None:
    # Nobody answers at this address, and the SDK is patient.
    done = start(RUN_SECONDS_AT_MOST="1", AWS_ENDPOINT_URL="http://192.0.2.1")

    assert done.returncode == 1
    assert "Timeout (0:00:01)!" in done.stderr
    assert "most recent call first" in done.stderr
