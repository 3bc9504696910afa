"""A recorded exception excuses what it names while it holds; one that does not hold is a finding."""

from __future__ import annotations

import pytest

from audit.judging import TODAY, judge_text
from generator.audit import justifications

SERVER = """
Resources:
  Server:
    Type: AWS::EC2::Instance
    Properties: {InstanceType: t3.large}
"""
ENTRY = """
[[justification]]
id = 'licence-server'
rules = ['SF101', 'SF206']
resources = ['template.yaml/Server']
category = 'licence'
reason = 'The vendor licences by the socket of a host.'
alternatives = ['lambda', 'fargate-service']
owner = '@example/platform'
approved_by = 'Ada'
created = 2026-11-01
expires = 2027-02-01
"""


def test_an_entry_excuses_what_it_names() -> None:
    report = judge_text(SERVER, recorded=ENTRY)

    assert {finding.code: finding.justification for finding in report.findings} == {
        "SF101": "licence-server",
        "SF206": "licence-server",
    }
    assert report.open_of("error") == []


def test_excused_resources_stay_on_the_idle_bill() -> None:
    assert judge_text(SERVER, recorded=ENTRY).idle_usd_per_month == judge_text(SERVER).idle_usd_per_month > 0


@pytest.mark.parametrize("pattern", ["Server", "S*", "*/Server", "template.yaml/*"])
def test_a_pattern_names_resources(pattern: str) -> None:
    recorded = ENTRY.replace("template.yaml/Server", pattern)

    assert judge_text(SERVER, recorded=recorded).open_of("error") == []


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("expires = 2027-02-01", "expires = 2026-11-24", "it expired on 2026-11-24"),
        ("expires = 2027-02-01", "expires = 2027-11-01", "it lasts longer than 180 days"),
        ("created = 2026-11-01", "created = 2026-11-26", "it was created in the future, on 2026-11-26"),
        ("expires = 2027-02-01", "expires = '2027-02-01'", "`created` and `expires` are days"),
        ("category = 'licence'", "category = 'habit'", "its category is none of licence, gpu, kernel"),
        (
            "reason = 'The vendor licences by the socket of a host.'",
            "reason = 'we like it'",
            "shorter than 20",
        ),
        ("owner = '@example/platform'\n", "", "`owner` is missing"),
        ("approved_by = 'Ada'\n", "", "`approved_by` is missing"),
        ("alternatives = ['lambda', 'fargate-service']\n", "", "`alternatives` is missing: which tiers"),
        ("rules = ['SF101', 'SF206']", "rules = 'SF101'", "`rules` is a list of texts"),
        ("owner =", "ower = 1\nowner =", "it has no key `ower`"),
        ("[[justification]]", "[[justification", "the file is no TOML"),
        ("[[justification]]", "[justification]", "entries are tables [[justification]]"),
    ],
)
def test_an_entry_that_does_not_hold_excuses_nothing(before: str, after: str, problem: str) -> None:
    report = judge_text(SERVER, recorded=ENTRY.replace(before, after))

    said = [finding.message for finding in report.findings if finding.code == "SF102"]
    assert any(problem in message for message in said), said
    assert {finding.code for finding in report.open_of("error")} == {"SF101", "SF102", "SF206"}


def test_an_entry_that_is_used_twice_is_told() -> None:
    report = judge_text(SERVER, recorded=ENTRY + ENTRY)

    assert [finding.message for finding in report.findings if finding.code == "SF102"] == [
        "Justification licence-server: its id is used twice."
    ]


@pytest.mark.parametrize(
    ("expires", "problem"),
    [("2026-11-25", "expires today"), ("2026-12-25", "expires in 30 days"), ("2026-12-26", "")],
)
def test_an_entry_that_expires_soon_is_a_warning(expires: str, problem: str) -> None:
    report = judge_text(SERVER, recorded=ENTRY.replace("2027-02-01", expires))

    said = [finding.message for finding in report.open_of("warning")]
    assert said == ([f"Justification licence-server {problem}."] if problem else [])


def test_an_entry_that_nothing_needs_is_a_warning() -> None:
    report = judge_text(SERVER, recorded=ENTRY.replace("template.yaml/Server", "Gone"))

    assert [finding.message for finding in report.open_of("warning")] == [
        "Justification licence-server excuses nothing that is found."
    ]


def test_lines_are_those_of_the_tables() -> None:
    _, problems = justifications.parse(
        f"# who may do what\n{ENTRY}{ENTRY}", file=justifications.FILE, today=TODAY
    )

    assert [(problem.line, problem.problem) for problem in problems] == [(15, "its id is used twice")]
