"""What a rendered Fargate task gets at the limits of the decision, and what only it is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from rendering import TASKS, render_example

from generator import decision, policy, prices, source, workload
from generator.errors import AnswersError

if TYPE_CHECKING:
    from pathlib import Path

SHORT = {"longest_run_s": 901, "avg_run_ms": 60_000}
SMALL = {"longest_run_s": 60, "avg_run_ms": 60_000, "fits_lambda_envelope": "no"}

# What is answered; then processor units, MiB, GiB of disk (0: the free ones) and GiB of a volume beside it.
LIMITS = {
    "a second too long": (SHORT, (1_024, 2_048, 0, 0)),
    "a MiB too large": ({**SMALL, "memory_mb": 10_241}, (2_048, 11_264, 0, 0)),
    "16 vCPU": ({**SMALL, "vcpu": 16, "memory_mb": 2_048}, (16_384, 32_768, 0, 0)),
    "120 GB": ({**SMALL, "vcpu": 16, "memory_mb": 122_880}, (16_384, 122_880, 0, 0)),
    "32 vCPU": ({**SMALL, "vcpu": 32, "memory_mb": 2_048}, (32_768, 61_440, 0, 0)),
    "200 GiB of disk": ({**SMALL, "scratch_gb": 200}, (1_024, 2_048, 200, 0)),
    "201 GiB of disk": ({**SMALL, "scratch_gb": 201}, (1_024, 2_048, 0, 201)),
}


@pytest.mark.parametrize(("changed", "size"), LIMITS.values(), ids=LIMITS.keys())
def test_task_has_the_size_that_was_decided(
    tmp_path: Path, changed: dict[str, object], size: tuple[int, int, int, int]
) -> None:
    render_example(tmp_path / "service", changed, "job", TASKS)

    compute = (tmp_path / "service" / "infra" / "compute.py").read_text(encoding="utf-8")
    settings = (
        r"\bcpu=(\d+)",
        r"memory_limit_mib=(\d+)",
        r"ephemeral_storage_gib=(\d+)",
        r'"SizeInGiB": (\d+)',
    )
    found = [re.findall(setting, compute) for setting in settings]
    assert tuple(int(numbers[0]) if numbers else 0 for numbers in found) == size


def test_newest_size_comes_with_its_warning(tmp_path: Path) -> None:
    render_example(tmp_path / "service", {**SMALL, "vcpu": 32}, "job", TASKS)

    readme = (tmp_path / "service" / "README.md").read_text(encoding="utf-8")
    assert "The 32 vCPU size of Fargate is the newest" in readme


@pytest.mark.parametrize(("answer", "providers"), [("yes", {"FARGATE_SPOT", "FARGATE"}), ("no", {"FARGATE"})])
@pytest.mark.parametrize("event_source", TASKS)
def test_only_what_may_be_interrupted_starts_on_spot(
    tmp_path: Path, event_source: str, answer: str, providers: set[str]
) -> None:
    render_example(tmp_path / "service", {"interruptible": answer}, event_source, TASKS)

    infra = tmp_path / "service" / "infra"
    said = " ".join(path.read_text(encoding="utf-8") for path in infra.glob("*.py"))
    assert set(re.findall(r'"(FARGATE(?:_SPOT)?)"', said)) == providers


@pytest.mark.parametrize(
    ("answers", "event_source"),
    [
        ({"trigger": "job", "longest_run_s": 901}, "job"),
        ({"trigger": "job", "longest_run_s": 901, "items_per_run": 1}, "job"),
        ({"trigger": "job", "longest_run_s": 901, "items_per_run": 2}, "array"),
        ({"trigger": "job", "longest_run_s": 901, "items_per_run": 10_000}, "array"),
        ({"trigger": "schedule", "longest_run_s": 901, "items_per_run": 2}, "schedule"),
        ({"trigger": "job", "longest_run_s": 901, "items_per_run": 2, "scratch_gb": 201}, "large-scratch"),
        ({"trigger": "schedule", "longest_run_s": 901}, "schedule"),
        ({"trigger": "event", "event_kind": "bus", "longest_run_s": 901}, "event"),
        ({"trigger": "http", "longest_run_s": 901, "caller_waits": False}, "http"),
        ({"trigger": "schedule", "longest_run_s": 901, "scratch_gb": 201}, "large-scratch"),
        ({"trigger": "job", "longest_run_s": 901, "host_needs": ["windows_container"]}, "windows"),
    ],
)
def test_decision_names_what_starts_a_task(answers: dict[str, object], event_source: str) -> None:
    rules = policy.load()
    given = workload.parse({"requests_per_month": 100, "avg_run_ms": 60_000, **answers}, rules)

    decided = decision.decide(given, rules, prices.load(), source.templates(source.root()))

    assert (decided.tier, decided.event_source) == ("fargate-task", event_source)
    assert decided.has_template == (event_source in TASKS)


def test_more_items_than_an_array_has_are_refused() -> None:
    with pytest.raises(AnswersError, match="items_per_run = 10001: is too large"):
        workload.parse({"trigger": "job", "items_per_run": 10_001}, policy.load())


@pytest.mark.parametrize(
    ("answers", "processors"),
    [
        ({}, 100),
        ({"downstream_concurrency": 25}, 25),
        ({"vcpu": 4, "fits_lambda_envelope": "no"}, 400),
    ],
    ids=["all items at once", "as many as what they call takes", "larger tasks"],
)
def test_ceiling_of_an_array_holds_as_many_items_as_are_worked_on_at_once(
    tmp_path: Path, answers: dict[str, object], processors: int
) -> None:
    render_example(tmp_path / "service", answers, "array", TASKS)

    infra = tmp_path / "service" / "infra"
    [tasks] = re.findall(r"tasks_at_once: int = (\d+)", (infra / "stack.py").read_text(encoding="utf-8"))
    [vcpu] = re.findall(r"VCPU, MEMORY_MIB = (\d+)", (infra / "compute.py").read_text(encoding="utf-8"))
    assert int(tasks) * int(vcpu) == processors


def test_infrastructure_is_the_cdk_without_being_asked(tmp_path: Path) -> None:
    files = render_example(tmp_path / "service", None, "job", TASKS)

    answers = yaml.safe_load((tmp_path / "service" / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert answers["iac"] == "cdk"
    assert "cdk.json" in files
    assert "template.yaml" not in files
