"""The labels of public templates are whole, and how the audit is compared with them counts what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY

from audit.judging import judge_text
from generator.audit.catalogue import load_rules

sys.path.insert(0, str(REPOSITORY))
from benchmarks import accuracy

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """
Resources:
  Nat: {Type: AWS::EC2::NatGateway}
  Host: {Type: AWS::EC2::Instance}
"""
RIGHT = {"violations": ["SF301 Nat", "SF101 Host", "SF206 Host"], "tiers": {"ec2": 1}}


def test_labels_are_many_of_several_authors_at_fixed_commits() -> None:
    entries = accuracy.labels()

    assert sum(len(entry["templates"]) for entry in entries) >= 60
    assert len({entry["repository"].partition("/")[0] for entry in entries}) >= 5
    assert all(re.fullmatch("[0-9a-f]{40}", entry["commit"]) for entry in entries)
    codes = {rule.code for rule in load_rules().values()}
    for entry in entries:
        for label in entry["templates"].values():
            assert {one.split()[0] for one in label.get("violations", ())} <= codes


def test_labels_of_terraform_are_of_several_authors_at_fixed_commits() -> None:
    entries = accuracy.labels(accuracy.TERRAFORM)

    assert sum(len(entry["configurations"]) for entry in entries) >= 15
    assert len({entry["repository"].partition("/")[0] for entry in entries}) >= 5
    assert all(re.fullmatch("[0-9a-f]{40}", entry["commit"]) for entry in entries)
    codes = {rule.code for rule in load_rules().values()}
    for entry in entries:
        for label in entry["configurations"].values():
            assert {one.split()[0] for one in label.get("violations", ())} <= codes


def test_modules_that_are_called_are_reached_and_no_others() -> None:
    texts = {
        "live/main.tf": 'module "a" {\n  source = "../modules/a"\n}\nmodule "b" {\n  source = "x/y/aws"\n}\n',
        "modules/a/main.tf": 'module "root" {\n  source = "../../"\n}\n',
        "modules/other/main.tf": "",
        "main.tf": "",
    }

    assert accuracy.reached(texts, "live") == {"live", "modules/a", ""}


def test_page_is_of_these_labels() -> None:
    shown = (REPOSITORY / "docs" / "accuracy.md").read_text(encoding="utf-8")
    for path, kind in ((accuracy.LABELS, "templates"), (accuracy.TERRAFORM, "configurations")):
        labelled = [label for entry in accuracy.labels(path) for label in entry[kind].values()]
        violations = Counter(one for label in labelled for one in label.get("violations", ()))
        assert f"| **all** | {len(labelled)} | {violations.total()} |" in shown


@pytest.mark.parametrize(
    ("label", "counts"),
    [
        pytest.param(RIGHT, (3, 0, 0, 1, 0), id="as labelled"),
        pytest.param({**RIGHT, "violations": ["SF301 Nat"]}, (1, 2, 0, 1, 0), id="too much"),
        pytest.param(
            {**RIGHT, "violations": [*RIGHT["violations"], "SF302 Lb"]}, (3, 0, 1, 1, 0), id="too little"
        ),
        pytest.param({**RIGHT, "tiers": {"lambda": 1}}, (3, 0, 0, 0, 0), id="another tier"),
    ],
)
def test_score_counts_what_is_right_false_and_missed(label: dict[str, Any], counts: tuple[int, ...]) -> None:
    score = accuracy.compared("x", label, judge_text(TEMPLATE))

    assert (score.right, score.false, score.missed, score.units_right, score.called_compliant) == counts
    assert bool(score.differences) == (label is not RIGHT)


def test_silence_about_a_violation_is_called_compliant() -> None:
    silent = judge_text("Resources:\n  Topic: {Type: AWS::SNS::Topic}\n")

    assert accuracy.compared("x", RIGHT, silent).called_compliant == 1


def test_absent_clone_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, REPOSITORY / "benchmarks" / "accuracy.py", tmp_path],
        env={"PYTHONPATH": str(REPOSITORY)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("error: no clone of aws-cloudformation/aws-cloudformation-templates")
