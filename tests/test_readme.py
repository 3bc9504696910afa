"""What the README shows is true: the policy it lays over the built-in one, and the links it gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator import policy, workload
from generator.decision import decide
from generator.prices import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_policy_of_an_organisation_is_accepted_and_changes_the_decision(tmp_path: Path) -> None:
    [shown] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "ours.toml").write_text(shown, encoding="utf-8")

    answers = {"trigger": "job", "longest_run_s": 700}
    ours, built_in = policy.load(tmp_path / "ours.toml"), policy.load()

    assert decide(workload.parse(answers, built_in), built_in, load(), frozenset()).tier == "lambda"
    assert decide(workload.parse(answers, ours), ours, load(), frozenset()).tier == "fargate-task"


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_into_the_repository_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
