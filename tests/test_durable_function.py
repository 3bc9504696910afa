"""Divisible work as a durable function: when it is offered, what it costs, what its documents say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from cost_cases import ASSUMPTIONS, PRICES, WORKFLOW_CHARGES, demand, size
from rendering import render_example

from generator import project
from generator.conditions import holds
from generator.cost import Basis, estimate_demand
from generator.errors import AnswersError

if TYPE_CHECKING:
    from pathlib import Path

DURABLE = {"orchestration": "durable-function"}


def test_only_experts_are_asked_and_only_of_divisible_work() -> None:
    [question] = [question for question in project.QUESTIONS if question.name == "orchestration"]

    assert (question.expert, question.event_source, question.default) == (True, "workflow", "step-functions")


def test_a_python_that_runs_no_durable_functions_is_refused() -> None:
    with pytest.raises(AnswersError) as caught:
        project.parse({"project_name": "runs", "owner": "@acme", "python_version": "3.12", **DURABLE})

    [problem] = caught.value.problems
    assert str(problem).startswith("orchestration = durable-function: is not what Lambda runs on Python 3.12")


def test_a_client_of_its_own_is_refused_because_the_sdk_needs_boto3() -> None:
    with pytest.raises(AnswersError) as caught:
        project.parse({"project_name": "runs", "owner": "@acme", "aws_client": "lean", **DURABLE})

    [problem] = caught.value.problems
    assert str(problem).startswith("aws_client = lean: is not what a durable function can call AWS with")


@pytest.mark.parametrize(("event_source", "kept"), [("workflow", True), ("queue", False)])
def test_the_answer_is_kept_by_divisible_work_alone(event_source: str, kept: bool, tmp_path: Path) -> None:  # noqa: FBT001
    render_example(tmp_path / "service", DURABLE, event_source)

    stored = yaml.safe_load((tmp_path / "service/.copier-answers.yml").read_text(encoding="utf-8"))
    assert ("orchestration" in stored) is kept


def test_the_bill_is_that_of_the_orchestration() -> None:
    step_functions, durable = (
        {
            part.name: part.usd_per_month
            for part in estimate_demand(
                demand(
                    200,
                    7200,
                    trigger="job",
                    variant="step-functions",
                    charges=tuple(
                        charge
                        for charge in WORKFLOW_CHARGES
                        if holds(charge.when, {"orchestration": orchestration})
                    ),
                    orchestration=orchestration,
                ),
                {"lambda": size(512, 0.29)},
                Basis(prices=PRICES, assumptions=ASSUMPTIONS),
            )
            .by_tier[0]
            .parts
        }
        for orchestration in ("step-functions", "durable-function")
    )

    # 200 runs of 8 steps: 3,200 transitions, or so many operations; 100 checkpoints a run on either.
    assert step_functions["Step Functions transitions"] == pytest.approx(0.08)
    assert durable["durable function operations"] == pytest.approx(3_200 * 8 / 1e6)
    assert durable["durable operations of checkpoints"] == pytest.approx(20_000 * 8 / 1e6)
    assert durable["durable data written"] == pytest.approx(200 * 20e-6 * 0.25)
    assert not [name for name in step_functions if name.startswith("durable")]
    assert not [name for name in durable if "DynamoDB" in name or "Step Functions" in name]


def test_nothing_durable_bills_while_idle(tmp_path: Path) -> None:
    allowed = []
    for name, changed in (("state machine", {}), ("durable", DURABLE)):
        render_example(tmp_path / name, changed, "workflow")
        stored = yaml.safe_load((tmp_path / name / ".copier-answers.yml").read_text(encoding="utf-8"))
        allowed.append(stored["decision"]["idle_allowed"])

    assert allowed[0] == allowed[1]


@pytest.mark.parametrize(
    ("changed", "chosen", "other"),
    [
        (
            {},
            "A state machine of Step Functions (Standard) runs the steps",
            "A durable function would also do",
        ),
        (DURABLE, "A durable function runs the steps", "A state machine of Step Functions would also do"),
    ],
)
def test_the_record_says_what_runs_the_steps_and_what_would_else(
    changed: dict[str, str], chosen: str, other: str, tmp_path: Path
) -> None:
    render_example(tmp_path / "service", changed, "workflow")

    record = words(tmp_path / "service/docs/adr/0001-compute-tier.md")
    assert chosen in record
    assert other in record
    assert record.index("Choose it") > record.index(other)


def test_the_two_do_the_same_work(tmp_path: Path) -> None:
    render_example(tmp_path / "state machine", {}, "workflow")
    render_example(tmp_path / "durable", DURABLE, "workflow")

    for name in ("src/tariff_forecasts/domain.py", "tests/unit/test_domain.py"):
        texts = [
            (tmp_path / folder / name).read_text(encoding="utf-8") for folder in ("state machine", "durable")
        ]
        # What bounds the number of chunks is not the same.
        assert len({re.sub(r'(?<=MAX_CHUNKS = 200\n)""".+"""', "", text) for text in texts}) == 1


def test_the_clock_starts_a_durable_run_too(tmp_path: Path) -> None:
    render_example(tmp_path / "service", {**DURABLE, "trigger": "schedule"}, "workflow")

    template = (tmp_path / "service/template.yaml").read_text(encoding="utf-8")
    assert re.search(r"Target:\n +Arn: !Ref Function\.Alias\n", template)
    assert re.search(r"Action: lambda:InvokeFunction\n +Resource: !Ref Function\.Alias\n", template)
    assert "EventBridge Scheduler starts a run" in words(tmp_path / "service/README.md")


def test_what_a_run_calls_bounds_its_chunks(tmp_path: Path) -> None:
    render_example(tmp_path / "service", {**DURABLE, "downstream_concurrency": 4}, "workflow")

    assert 'CHUNKS_AT_ONCE: "4"' in (tmp_path / "service/template.yaml").read_text(encoding="utf-8")
    assert "at most 4 at once" in words(tmp_path / "service/README.md")


def words(path: Path) -> str:
    return re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))
