"""Every rule finds what its violating case says, at its line and price, and nothing in its compliant case.

A case says what is found behind the line that causes it, as `# SF201 $14.42 at defaults; SF101 $0.00`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audit.judging import judge_text
from generator import policy, prices
from generator.audit.catalogue import load_rules
from generator.audit.formats.text import TIERS

if TYPE_CHECKING:
    from generator.audit.findings import Finding, Rule

CASES = Path(__file__).parent.parent / "cases" / "audit"
SAID = re.compile(r"# (SF\d{3}.*)$")
ABOUT_TEMPLATES = sorted(path.name for path in CASES.iterdir() if (path / "violating.yaml").is_file())
# Rules about files, records and instructions have tests of their own.
ABOUT_OTHER_THINGS = {"unreadable-file", "skipped-file", "invalid-justification", "doubtful-justification"}
ABOUT_OTHER_THINGS |= {f"{kind}-policy-block" for kind in ("missing", "altered", "stale", "unapplied")}
ABOUT_OTHER_THINGS |= {"serverless-share", "stale-decision"}


@pytest.mark.parametrize("rule", ABOUT_TEMPLATES)
def test_violating_case_is_found_at_its_lines(rule: str) -> None:
    text = (CASES / rule / "violating.yaml").read_text(encoding="utf-8")

    report = judge_text(text)

    found = sorted((finding.line, shown(finding)) for finding in report.findings)
    assert found == sorted(expected(text))
    assert load_rules()[rule].code in {finding.code for finding in report.findings}


@pytest.mark.parametrize("path", sorted(CASES.glob("*/compliant.yaml")), ids=lambda path: path.parent.name)
def test_compliant_case_has_no_finding(path: Path) -> None:
    report = judge_text(path.read_text(encoding="utf-8"))

    assert [str(finding.message) for finding in report.findings] == []


def test_every_rule_has_cases() -> None:
    assert load_rules().keys() == {*ABOUT_TEMPLATES, *ABOUT_OTHER_THINGS}


def test_every_rule_has_a_code_of_its_own_in_order() -> None:
    codes = [rule.code for rule in load_rules().values()]

    assert codes == sorted(set(codes))


@pytest.mark.parametrize("rule", load_rules().values(), ids=lambda rule: rule.name)
def test_every_type_of_a_rule_has_a_price_row(rule: Rule) -> None:
    known = prices.load().idle

    assert [kind for kind in rule.types if kind not in known] == []


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (1, "Quote keeps 1 task running while nobody calls."),
        (3, "Quote keeps 3 tasks running while nobody calls."),
    ],
)
def test_what_is_counted_is_said_in_its_number(amount: int, said: str) -> None:
    report = judge_text(
        "Resources:\n"
        "  Quote:\n"
        "    Type: AWS::ECS::Service\n"
        f"    Properties: {{LaunchType: FARGATE, DesiredCount: {amount}}}\n"
    )

    assert [finding.message for finding in report.findings if finding.code == "SF201"] == [said]


def test_the_tiers_are_called_as_in_the_policy() -> None:
    labels = {tier.name: tier.label for tier in policy.load().tiers}

    assert {name: TIERS[name] for name in TIERS if name not in {"other", "unknown"}} == labels


def expected(text: str) -> list[tuple[int, str]]:
    return [
        (number, said.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if (found := SAID.search(line))
        for said in found[1].split(";")
    ]


def shown(finding: Finding) -> str:
    """Return a finding as a case writes it."""
    price = f" ${finding.idle_usd_per_month:.2f}" if finding.type and finding.code > "SF003" else ""
    sure = "" if finding.certainty == "certain" else f" {finding.certainty}"
    return f"{finding.code}{price}{sure}"
